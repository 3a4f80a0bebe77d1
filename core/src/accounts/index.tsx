import { defineApp } from '../app/app.ts'
import { accountViews } from './views.tsx'

export default defineApp(
  { name: 'accounts', verboseName: 'Accounts', root: import.meta.url },
  {
    views: accountViews,
    exportedUrls: [['', accountViews]],
    menu: [
      { label: 'My account', view: 'account', audience: 'member', icon: 'user-circle', order: 900 },
      { label: 'My account', view: 'account', audience: 'staff', icon: 'user-circle', section: 'account', order: 900 },
    ],
    constraints: { user_email_key: { field: 'email', message: 'Another account has this e-mail address.' } },
  },
)

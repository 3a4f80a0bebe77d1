import { defineApp } from '../app/app.ts'
import { commands } from './commands.ts'
import { account } from './personal.ts'
import { accountViews } from './views.tsx'

export default defineApp(
  { name: 'accounts', verboseName: 'Accounts', root: import.meta.url },
  {
    views: accountViews,
    exportedUrls: [['', accountViews]],
    personalData: [account],
    menu: [
      { label: 'Security', view: 'account', audience: 'member', icon: 'lock', order: 900 },
      { label: 'Security', view: 'account', audience: 'staff', icon: 'lock', section: 'account', order: 900 },
    ],
    commands,
    permissions: {
      'account.reset': 'Take away a second factor that somebody has lost',
      'saved_view.share': 'Save views of lists for all staff',
    },
    constraints: {
      user_email_key: { field: 'email', message: 'Another account has this e-mail address.' },
      saved_view_own_name: { field: 'name', message: 'You have a view of this name already.', hint: 'Give it another name.' },
      saved_view_shared_name: { field: 'name', message: 'All staff have a view of this name already.', hint: 'Give it another name.' },
      saved_view_named: { field: 'name', message: 'Give the view a name of at most 60 characters.' },
      saved_view_query_length: { message: 'This view says too much to be saved.', hint: 'Search for less.' },
      list_preference_columns: { message: 'A list has no more than 100 columns.' },
    },
  },
)

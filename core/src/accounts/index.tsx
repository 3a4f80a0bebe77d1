import { defineApp } from '../app/app.ts'

export default defineApp({ name: 'accounts', verboseName: 'Accounts', root: import.meta.url }, {})

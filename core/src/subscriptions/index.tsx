import { defineApp } from '../app/app.ts'

export default defineApp({ name: 'subscriptions', verboseName: 'Subscriptions', root: import.meta.url }, {})

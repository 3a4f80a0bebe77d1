import { defineApp } from '../app/app.ts'

export default defineApp({ name: 'system', verboseName: 'System', root: import.meta.url }, {})

import { defineApp } from '../app/app.ts'

export default defineApp({ name: 'resources', verboseName: 'Addresses', root: import.meta.url }, {})

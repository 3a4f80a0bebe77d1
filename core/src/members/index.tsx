import { defineApp } from '../app/app.ts'

export default defineApp({ name: 'members', verboseName: 'Members', root: import.meta.url }, {})

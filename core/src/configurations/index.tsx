import { defineApp } from '../app/app.ts'

export default defineApp({ name: 'configurations', verboseName: 'Configurations', root: import.meta.url }, {})

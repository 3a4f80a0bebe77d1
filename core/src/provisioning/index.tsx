import { defineApp } from '../app/app.ts'

export default defineApp({ name: 'provisioning', verboseName: 'Provisioning', root: import.meta.url }, {})

import { defineApp } from '../app/app.ts'
import { NetworkCard } from './network-card.tsx'

export default defineApp(
  { name: 'provisioning', verboseName: 'Provisioning', root: import.meta.url },
  { slots: { 'subscription.details': NetworkCard } },
)

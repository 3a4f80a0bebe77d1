import accounting from './accounting/index.tsx'
import accounts from './accounts/index.tsx'
import type { App } from './app/app.ts'
import audit from './audit/index.tsx'
import billing from './billing/index.tsx'
import configurations from './configurations/index.tsx'
import fees from './fees/index.tsx'
import home from './home/index.tsx'
import members from './members/index.tsx'
import owing from './owing/index.tsx'
import payments from './payments/index.tsx'
import personal from './personal/index.tsx'
import provisioning from './provisioning/index.tsx'
import reminders from './reminders/index.tsx'
import requests from './requests/index.tsx'
import resources from './resources/index.tsx'
import search from './search/index.tsx'
import staff from './staff/index.tsx'
import subscriptions from './subscriptions/index.tsx'
import system from './system/index.tsx'
import transfer from './transfer/index.tsx'

/** The apps that Coin itself is made of, in the order of their tables. */
export const coreApps = (): readonly App[] => [
  system(),
  transfer(),
  accounts(),
  members(),
  subscriptions(),
  staff(),
  billing(),
  payments(),
  fees(),
  reminders(),
  accounting(),
  owing(),
  configurations(),
  resources(),
  provisioning(),
  search(),
  audit(),
  requests(),
  personal(),
  home(),
]

import { defineApp } from '../app/app.ts'
import { callBills } from './call-bills-view.tsx'
import { callMails } from './call-mails-view.tsx'
import { callsView } from './calls-page.tsx'
import { commands } from './commands.ts'
import { constraints } from './constraints.ts'
import { donationResource } from './donation-resource.tsx'
import { feeResource } from './fee-resource.tsx'
import { jobs } from './jobs.ts'
import { membershipView } from './membership-page.tsx'
import { called, contributed } from './personal.ts'
import { receiptView, staffReceiptView } from './receipt.ts'
import { rollFile, rollView } from './roll-page.tsx'
import { slots } from './slots.tsx'

const views = {
  membership: membershipView,
  calls: callsView,
  callBills,
  callMails,
  roll: rollView,
  rollFile,
  receipt: receiptView,
  staffReceipt: staffReceiptView,
}

export default defineApp(
  { name: 'fees', verboseName: 'Membership fees', root: import.meta.url },
  {
    resources: [feeResource, donationResource],
    views,
    exportedUrls: [['', views]],
    menu: [
      { label: 'Calls for the fee', view: 'calls', icon: 'send', audience: 'staff', section: 'people', order: 41 },
      { label: 'Voting roll', view: 'roll', icon: 'list-check', audience: 'staff', section: 'people', order: 43 },
    ],
    personalData: [contributed, called],
    permissions: { 'fee.remind': 'Mail calls for the fee' },
    slots,
    jobs,
    commands,
    constraints,
  },
)

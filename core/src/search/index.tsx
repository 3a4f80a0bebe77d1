import { defineApp } from '../app/app.ts'
import { heldBefore, heldNow, pools, reserved } from './finders/addresses.ts'
import {
  bankLines,
  invoiceDays,
  invoices,
  mandateIbans,
  mandates,
  openAmounts,
  paymentAmounts,
  paymentDays,
  payments,
} from './finders/money.ts'
import { numbered } from './finders/number.ts'
import { days, labels, mails, phones } from './finders/people.ts'
import { configurations } from './finders/technical.ts'
import { searchPage } from './page.tsx'

const views = { all: searchPage }

export default defineApp(
  { name: 'search', verboseName: 'Search', root: import.meta.url },
  {
    views,
    exportedUrls: [['', views]],
    finders: [
      numbered,
      heldNow,
      heldBefore,
      pools,
      reserved,
      phones,
      labels,
      configurations,
      invoices,
      openAmounts,
      payments,
      paymentAmounts,
      mandates,
      mandateIbans,
      bankLines,
      days,
      invoiceDays,
      paymentDays,
      mails,
    ],
  },
)

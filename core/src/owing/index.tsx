import { defineApp } from '../app/app.ts'
import { billView } from './bill-page.tsx'
import { moneyView } from './money-page.tsx'
import { paymentView } from './payment-page.tsx'
import { slots } from './slots.tsx'
import { memberBillView, memberView } from './staff-page.tsx'

const views = { money: moneyView, bill: billView, payment: paymentView, member: memberView, member_bill: memberBillView }

export default defineApp(
  { name: 'owing', verboseName: 'Owing', root: import.meta.url },
  {
    views,
    exportedUrls: [['', views]],
    menu: [{ label: 'Bills', view: 'money', icon: 'file-invoice', order: 15 }],
    slots,
  },
)

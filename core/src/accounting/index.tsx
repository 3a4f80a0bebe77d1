import { defineApp } from '../app/app.ts'
import { commands } from './commands.ts'
import { exportPage } from './export-page.tsx'
import { moneyPage } from './money-page.tsx'
import { pullView } from './pull-view.ts'

const views = {
  export: exportPage,
  money: moneyPage,
  fec: pullView('fec.txt'),
  invoices_csv: pullView('invoices.csv'),
  invoices_json: pullView('invoices.json'),
  payments_csv: pullView('payments.csv'),
  payments_json: pullView('payments.json'),
}

export default defineApp(
  { name: 'accounting', verboseName: 'Accounting', root: import.meta.url },
  {
    views,
    exportedUrls: [['', views]],
    menu: [
      { label: 'Money over time', view: 'money', icon: 'chart-bar', audience: 'staff', section: 'money', order: 5 },
      { label: 'Accounting', view: 'export', icon: 'book', audience: 'staff', section: 'money', order: 70 },
    ],
    permissions: { 'accounting.export': 'Export invoices, payments and accounting entries' },
    commands,
  },
)

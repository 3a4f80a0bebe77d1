import { sql } from 'drizzle-orm'
import type { MenuItem } from '../../app/menu.ts'
import { currentScope, mayEverywhere } from '../../app/scope.ts'
import { accountResource } from './account-resource.ts'
import { bankView, uploadView } from './bank-page.tsx'
import { columnsView } from './columns-page.tsx'
import { bankCommands } from './commands.ts'
import { bankConstraints } from './constraints.ts'
import { importView, redoView, undoView } from './import-page.tsx'
import { lineIgnoreView, lineReturnView, lineTakeBackView, lineView } from './line-page.tsx'
import { ruleResource } from './rule-resource.ts'
import { unmatchedView } from './unmatched-page.tsx'

const views = {
  bank: bankView,
  bankUpload: uploadView,
  bankImport: importView,
  bankUndo: undoView,
  bankRedo: redoView,
  bankColumns: columnsView,
  bankUnmatched: unmatchedView,
  bankLine: lineView,
  bankReturn: lineReturnView,
  bankIgnore: lineIgnoreView,
  bankTakeBack: lineTakeBackView,
}

const menu: readonly MenuItem<keyof typeof views>[] = [
  {
    label: 'Bank statements',
    view: 'bank',
    icon: 'building-bank',
    audience: 'staff',
    section: 'money',
    order: 40,
    count: () =>
      mayEverywhere(currentScope().actor, 'bank.import') ? sql`SELECT count(*) FROM bank_line WHERE state = 'unmatched'` : sql`SELECT 0`,
  },
]

/** Bank statements: what they contribute to the app of payments. */
export const bankApp = {
  resources: [accountResource, ruleResource],
  views,
  menu,
  commands: bankCommands,
  permissions: { 'bank.import': 'Import bank statements, settle their lines and undo them' },
  constraints: bankConstraints,
} as const

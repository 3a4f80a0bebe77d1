import { getTableColumns, inArray, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { type BulkActions, defineResource, type Input, type Row } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { membersWithin } from '../members/within.ts'
import { addDraft, removeDraft } from './draft.ts'
import { draftConsequences } from './draft-consequences.ts'
import { InvoiceActions, InvoiceHead, InvoiceMore } from './invoice-actions.tsx'
import { draftFields, keptFields } from './invoice-fields.ts'
import { invoiceList } from './invoice-list.tsx'
import { InvoiceDetails } from './invoice-page.tsx'
import { invoiceTitle } from './invoice-words.tsx'
import { newLineOf } from './line-fields.ts'
import { invoiceStateSql, invoices } from './tables.ts'

export const invoiceResource = defineResource({
  name: 'invoice',
  plural: 'invoices',
  label: 'Invoice',
  labelPlural: 'Invoices',
  labelNew: 'New draft',
  icon: 'file-invoice',
  section: 'money',
  order: 10,
  empty: 'What members are asked to pay, and why. Billing runs make drafts; they get their number and go out when you issue them.',
  table: invoices,
  key: ['number'],
  fields: { ...draftFields, ...keptFields },
  add: Object.keys(draftFields),
  change: ['note', 'dueOn'],
  list: invoiceList(true),
  listFor: (_view, { config }) => invoiceList(config.billing.document.mail),
  within: part => sql`invoice.member_id IN ${membersWithin(part)}`,
  describe: invoiceTitle,
  load: async (id, tx) => (await loadInvoices([id], tx))[0],
  loadMany: loadInvoices,
  find: async (text, tx) => {
    const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM invoice WHERE number = ${text}`)
    return rows[0]?.id
  },
  details: (row, tx) => <InvoiceDetails row={row} tx={tx} />,
  head: row => <InvoiceHead row={row} />,
  actions: row => <InvoiceActions row={row} />,
  more: row => <InvoiceMore row={row} />,
  fixed: row => row.state === 'issued',
  bulk: bulkOf,
  create: (input, tx) => addDraft(tx, { ...draftOf(input), lines: [newLineOf(input, String(input.kind))] }),
  remove: (id, tx) => removeDraft(tx, id),
  consequences: draftConsequences,
})

function draftOf({ memberId, kind, note, dueOn }: Input) {
  return {
    memberId: Number(memberId),
    kind: kind === 'credit_note' ? ('credit_note' as const) : ('invoice' as const),
    ...(note ? { note: String(note) } : {}),
    ...(dueOn ? { dueOn: String(dueOn) } : {}),
  }
}

function bulkOf(view: string): BulkActions | undefined {
  const { actor } = currentScope()
  const actions = [
    ...(view === 'drafts' && mayEverywhere(actor, 'invoice.issue')
      ? [
          { value: 'issue', label: t('Issue those chosen') },
          { value: 'issue-all', label: t('Issue all drafts') },
        ]
      : []),
    ...(view === 'drafts' && mayEverywhere(actor, 'invoice.remove') ? [{ value: 'remove', label: t('Delete those chosen') }] : []),
    ...(view === 'unsent' && mayEverywhere(actor, 'invoice.change') ? [{ value: 'retry', label: t('Try again now') }] : []),
  ]
  return actions.length > 0 ? { path: '/admin/invoices/chosen', actions } : undefined
}

async function loadInvoices(ids: readonly number[], tx: Tx): Promise<readonly Row[]> {
  const memberName = sql<string>`(SELECT m.display_name FROM member m WHERE m.id = invoice.member_id)`
  const rows = await tx
    .select({ ...getTableColumns(invoices), memberName, standing: invoiceStateSql })
    .from(invoices)
    .where(inArray(invoices.id, [...ids]))
  return rows as unknown as Row[]
}

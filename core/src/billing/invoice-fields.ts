import type { Field } from '../app/resource.ts'
import { invoiceKinds } from './invoice-words.tsx'
import { lineFields } from './line-fields.ts'

const byHand = invoiceKinds.filter(({ value }) => value === 'invoice' || value === 'credit_note')

/** What one types for a draft made by hand, its first line included. */
export const draftFields = {
  memberId: { label: 'Member', kind: 'reference', reference: 'member' },
  kind: { label: 'Kind', kind: 'choice', choices: byHand, required: true },
  ...lineFields,
  note: { label: 'Note to the member', kind: 'textarea', help: 'Printed under the lines' },
  dueOn: { label: 'Due', help: 'Counted from the day of issue unless given' },
} as const satisfies Readonly<Record<string, Field>>

/** What nobody types, as the history calls it. */
export const keptFields = {
  state: {
    label: 'State',
    choices: [
      { value: 'draft', label: 'Draft' },
      { value: 'issued', label: 'Issued' },
    ],
  },
  number: { label: 'Number' },
  issuedOn: { label: 'Issued' },
  currency: { label: 'Currency' },
  net: { label: 'Without VAT', kind: 'money' },
  vat: { label: 'VAT', kind: 'money' },
  total: { label: 'Total', kind: 'money' },
  allocated: { label: 'Covered', kind: 'money' },
  settledOn: { label: 'Settled' },
  correctsId: { label: 'Corrects', kind: 'reference', reference: 'invoice' },
  disputedOn: { label: 'In dispute since' },
  disputeReason: { label: 'What the dispute is about' },
  pdfHash: { label: 'PDF' },
  mailedAt: { label: 'Sent' },
  documentError: { label: 'Why its PDF could not be made' },
  documentAttempts: { label: 'Attempts' },
  documentRetryAt: { label: 'Next try' },
} as const satisfies Readonly<Record<string, Field>>

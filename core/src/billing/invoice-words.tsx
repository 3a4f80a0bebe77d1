import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { State } from '../ui/index.ts'

export type InvoiceKind = 'invoice' | 'credit_note' | 'fee' | 'donation'
/** What `invoiceStateSql` gives. */
export type InvoiceStanding = 'draft' | 'due' | 'partly_paid' | 'overdue' | 'paid' | 'disputed' | 'credit' | 'used'

/** The kinds, as a filter and a form say them. */
export const invoiceKinds = [
  { value: 'invoice', label: 'Invoice' },
  { value: 'credit_note', label: 'Credit note' },
  { value: 'fee', label: 'Membership fee' },
  { value: 'donation', label: 'Donation' },
] as const satisfies readonly { value: InvoiceKind; label: string }[]

/** What it is called, in the language of the page. */
export const kindWord = (kind: unknown): string => t(invoiceKinds.find(({ value }) => value === kind)?.label ?? 'Invoice')

/** `Invoice 2026-11-000187`; of a draft `Draft 12, credit note`, because it has no number yet. */
export function invoiceTitle({ id, kind, number }: Row): string {
  if (typeof number === 'string') return t('{{kind}} {{number}}', { kind: kindWord(kind), number })
  return kind === 'invoice'
    ? t('Draft {{id}}', { id: String(id) })
    : t('Draft {{id}}, {{kind}}', { id: String(id), kind: kindWord(kind).toLowerCase() })
}

/** The state of an invoice as a shape, a word and a colour. */
export function InvoiceState({ standing }: { standing: InvoiceStanding }) {
  switch (standing) {
    case 'disputed':
      return <State name="in_dispute" />
    case 'credit':
      return (
        <State tone="wait" icon="receipt">
          {t('Credit to use')}
        </State>
      )
    case 'used':
      return (
        <State tone="ok" icon="receipt">
          {t('Credit used')}
        </State>
      )
    default:
      return <State name={standing} />
  }
}

/** How money came, or went back. */
export function paymentName(method: string, out: boolean): string {
  if (out) return method === 'direct_debit' ? t('Direct debit returned by the bank') : t('Paid back')
  switch (method) {
    case 'transfer':
      return t('Transfer received')
    case 'direct_debit':
      return t('Direct debit')
    case 'cheque':
      return t('Cheque received')
    case 'cash':
      return t('Cash received')
    case 'card':
      return t('Paid by card')
    default:
      return t('Payment received')
  }
}

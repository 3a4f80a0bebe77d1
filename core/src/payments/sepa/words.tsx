import { t } from '../../app/i18n.ts'
import { State } from '../../ui/index.ts'
import type { BatchRow, CollectionRow } from './batch-queries.ts'
import { reasonText } from './reason-codes.ts'

/** How far a batch is. */
export function BatchState({ batch }: { batch: Pick<BatchRow, 'state'> }) {
  switch (batch.state) {
    case 'open':
      return <State tone="drift">{t('To send to the bank')}</State>
    case 'sent':
      return <State tone="wait">{t('With the bank')}</State>
    case 'executed':
      return <State tone="ok">{t('Collected')}</State>
    default:
      return <State name="ended">{t('Cancelled')}</State>
  }
}

/** What became of one direct debit. */
export function CollectionState({ row }: { row: Pick<CollectionRow, 'state'> }) {
  switch (row.state) {
    case 'pending':
      return <State name="pending" />
    case 'collected':
      return <State tone="ok">{t('Collected')}</State>
    case 'returned':
      return <State tone="fail">{t('Returned')}</State>
    default:
      return <State name="ended">{t('Cancelled')}</State>
  }
}

/** Why a direct debit came back. */
export const returnWords = (code: string): string =>
  code ? t('{{reason}} ({{code}})', { reason: t(reasonText(code)), code }) : t('No reason was given.')

/** The numbers of the invoices of a direct debit. */
export const numbersOf = ({ invoices }: Pick<CollectionRow, 'invoices'>): string => invoices.map(({ number }) => number).join(', ')

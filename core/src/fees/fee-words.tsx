import { t } from '../app/i18n.ts'
import { sitePath } from '../ui/host.ts'
import { State } from '../ui/index.ts'
import type { FeeState } from './queries.ts'

/** The state of a fee as a shape, a word and a colour. */
export const FeeStateLabel = ({ state }: { state: FeeState }) =>
  state === 'withdrawn' ? (
    <State tone="none" icon="circle-dashed">
      {t('Withdrawn')}
    </State>
  ) : (
    <State name={state} />
  )

/** Whether a paid fee covers the day. */
export const PaidUp = ({ paidUp }: { paidUp: boolean }) =>
  paidUp ? <State tone="ok">{t('Paid up')}</State> : <State tone="wait">{t('Not paid up')}</State>

/** Where a member pays a bill. */
export const payHref = (invoiceId: number): string => sitePath(`/money/${invoiceId}/pay`)

/** The PDF of a bill: what asks for a fee, and the receipt of a donation. */
export const documentHref = (invoiceId: number): string => sitePath(`/invoices/${invoiceId}/pdf`)

/** The bill of a fee in the back office. */
export const billHref = (invoiceId: number): string => sitePath(`/admin/invoices/${invoiceId}`)

import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { ButtonLink, formatDate, PostButton, sitePath } from '../ui/index.ts'
import { invoicePath } from './invoice-path.ts'
import { type InvoiceStanding, InvoiceState } from './invoice-words.tsx'
import { decimal } from './money.ts'
import { xmlFormats } from './xml-formats.ts'

/** The state of an invoice, since when, and until when it is to be paid. */
export function InvoiceHead({ row }: { row: Row }) {
  const issued = row.issuedOn === null ? undefined : formatDate(String(row.issuedOn))
  return (
    <>
      <InvoiceState standing={row.standing as InvoiceStanding} />
      <span class="quiet">
        {issued === undefined
          ? t('No number and no date before it is issued')
          : row.kind === 'credit_note' || row.dueOn === null
            ? t('issued {{date}}', { date: issued })
            : t('issued {{date}}, due {{due}}', { date: issued, due: formatDate(String(row.dueOn)) })}
      </span>
    </>
  )
}

/** The buttons of an invoice's page. */
export function InvoiceActions({ row }: { row: Row }) {
  const { actor } = currentScope()
  const issued = row.state === 'issued'
  return (
    <>
      {(!issued || row.pdfHash !== null) && (
        <ButtonLink href={url('billing:invoice_pdf', { id: row.id })} icon="download">
          {issued ? t('PDF') : t('Preview')}
        </ButtonLink>
      )}
      {issued && row.pdfHash !== null && mayEverywhere(actor, 'invoice.change') && (
        <PostButton action={invoicePath(row.id, 'send')} icon="mail">
          {row.mailedAt === null ? t('Send') : t('Send again')}
        </PostButton>
      )}
      {issued && row.standing !== 'paid' && row.kind !== 'credit_note' && mayEverywhere(actor, 'payment.add') && (
        <ButtonLink href={paymentPath(row)} kind="primary" icon="plus">
          {t('Record a payment')}
        </ButtonLink>
      )}
      {!issued && mayEverywhere(actor, 'invoice.issue') && (
        <ButtonLink href={invoicePath(row.id, 'issue')} kind="primary" icon="check">
          {t('Issue')}
        </ButtonLink>
      )}
    </>
  )
}

/** Where what is open of it is recorded as paid. */
function paymentPath({ id, memberId, total, allocated }: Row): string {
  const open = decimal(String(total)).minus(String(allocated)).toFixed(2)
  return sitePath(`/admin/payments/new?memberId=${memberId}&invoiceId=${id}&amount=${open}`)
}

/** What is done with an issued invoice more rarely. */
export function InvoiceMore({ row }: { row: Row }) {
  const { actor, registry } = currentScope()
  if (row.state !== 'issued') return null
  const disputes = row.kind !== 'credit_note' && mayEverywhere(actor, 'invoice.change')
  return (
    <>
      {row.kind !== 'credit_note' && mayEverywhere(actor, 'invoice.add') && (
        <a href={invoicePath(row.id, 'credit')}>{t('Make a credit note')}</a>
      )}
      {disputes && <a href={invoicePath(row.id, 'dispute')}>{row.disputedOn === null ? t('Mark as in dispute') : t('End the dispute')}</a>}
      {xmlFormats(registry.config.billing.document).map(format => (
        <a href={url('billing:invoice_xml', { id: row.id, format })}>{t('Data as {{format}}', { format: format.toUpperCase() })}</a>
      ))}
    </>
  )
}

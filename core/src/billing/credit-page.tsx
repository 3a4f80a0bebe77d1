import { fieldErrors, isCorrectable } from '../admin/form.tsx'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../errors.ts'
import { errorOf, Field, Form, formatMoney, Page, parseMoney, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { type InvoiceHeadRow, invoiceOf } from './invoice-of.ts'
import { invoicePath } from './invoice-path.ts'
import { type InvoiceLine, linesOf } from './invoice-queries.ts'
import { invoiceTitle } from './invoice-words.tsx'
import { type CreditedLine, makeCreditNote } from './issue.ts'
import { decimal } from './money.ts'

type Typed = Readonly<Record<string, string | File>>

/** Drafts a credit note for an issued invoice: for all that is left of it, or amounts of some lines. */
export const creditPage: View = {
  path: '/admin/invoices/:id{[0-9]+}/credit',
  access: 'invoice.add',
  async get(c) {
    const { db } = currentScope()
    const invoice = creditable(await invoiceOf(c, db))
    return <CreditPage invoice={invoice} lines={await linesOf(db, invoice.id)} typed={{ what: 'all' }} />
  },
  async post(c) {
    const { db } = currentScope()
    const invoice = creditable(await invoiceOf(c, db))
    const lines = await linesOf(db, invoice.id)
    const typed = (await c.req.parseBody()) as Typed
    const again = (errors: readonly FieldError[]) => {
      c.status(422)
      return <CreditPage invoice={invoice} lines={lines} typed={typed} errors={errors} />
    }
    const wanted = wantedOf(typed, lines)
    if (wanted.errors.length > 0) return again(wanted.errors)
    try {
      const note = typeof typed.note === 'string' ? typed.note.trim() : ''
      const id = await c.var.coin.transaction(c.var.actor, tx => makeCreditNote(tx, invoice.id, wanted.lines, note))
      return redirectTo(c, invoicePath(id), t('The credit note is drafted. Issue it to give it its number.'))
    } catch (error) {
      if (!isCoinError(error) || !isCorrectable(error)) throw error
      return again(fieldErrors(error, []))
    }
  },
}

function creditable(invoice: InvoiceHeadRow): InvoiceHeadRow {
  if (invoice.state === 'draft') throw new CoinError('refused', 'A draft needs no credit note.', { hint: 'Change or delete the draft.' })
  if (invoice.kind === 'credit_note') throw new CoinError('refused', 'A credit note is not credited.', { hint: 'Make an invoice.' })
  return invoice
}

/** What is left to give back of a line, without VAT. */
const leftOf = (line: InvoiceLine) => decimal(line.net).minus(line.credited)
const fieldOf = (line: InvoiceLine) => `amount-${line.id}`

function wantedOf(typed: Typed, lines: readonly InvoiceLine[]): { lines: readonly CreditedLine[] | 'all'; errors: readonly FieldError[] } {
  if (typed.what !== 'some') return { lines: 'all', errors: [] }
  const errors: FieldError[] = []
  const wanted: CreditedLine[] = []
  for (const line of lines) {
    const text = typed[fieldOf(line)]
    if (typeof text !== 'string' || text.trim() === '') continue
    const parsed = parseMoney(text)
    if (!parsed.ok) errors.push({ field: fieldOf(line), message: parsed.message, values: parsed.values })
    else if (decimal(parsed.value).lte(0)) errors.push({ field: fieldOf(line), message: 'Give an amount above zero.' })
    else wanted.push({ lineId: line.id, amount: parsed.value })
  }
  if (wanted.length === 0 && errors.length === 0) errors.push({ field: 'what', message: 'Give the amount of one line at least.' })
  return { lines: wanted, errors }
}

interface CreditPageProps {
  readonly invoice: InvoiceHeadRow
  readonly lines: readonly InvoiceLine[]
  readonly typed: Typed
  readonly errors?: readonly FieldError[]
}

function CreditPage({ invoice, lines, typed, errors = [] }: CreditPageProps) {
  const text = (name: string) => (typeof typed[name] === 'string' ? typed[name] : '')
  return (
    <Page
      title={t('Credit note for {{number}}', { number: invoice.number })}
      errors={errors}
      crumbs={[
        { label: t('Invoices'), href: sitePath('/admin/invoices') },
        { label: invoiceTitle(invoice), href: invoicePath(invoice.id) },
      ]}
    >
      <Form
        action={invoicePath(invoice.id, 'credit')}
        submit={t('Draft the credit note')}
        cancel={invoicePath(invoice.id)}
        note={t('It gives back what was billed, and does not make it due again.')}
      >
        <Field
          name="what"
          label={t('What is given back')}
          kind="choice"
          value={text('what')}
          options={[
            { value: 'all', label: t('Everything that is left of it') },
            { value: 'some', label: t('The amounts below') },
          ]}
          error={errorOf(errors, 'what')}
        />
        {lines
          .filter(line => !leftOf(line).eq(0))
          .map(line => (
            <Field
              name={fieldOf(line)}
              label={line.description}
              kind="money"
              optional
              value={text(fieldOf(line))}
              hint={t('{{amount}} without VAT is left', { amount: formatMoney(leftOf(line).toFixed(2), invoice.currency) })}
              error={errorOf(errors, fieldOf(line))}
            />
          ))}
        <Field
          name="note"
          label={t('Reason')}
          kind="textarea"
          optional
          value={text('note')}
          hint={t('Printed, in the member’s language')}
        />
      </Form>
    </Page>
  )
}

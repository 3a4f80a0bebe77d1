import { type LoadedField, loadFields, settleFields } from '../admin/fields.ts'
import { fieldErrors, isCorrectable, readForm } from '../admin/form.tsx'
import { FormPage } from '../admin/form-page.tsx'
import { parseInput } from '../admin/parse-input.ts'
import type { Context } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../errors.ts'
import { sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { addLine, removeLine } from './draft.ts'
import { type InvoiceHeadRow, invoiceOf } from './invoice-of.ts'
import { invoicePath } from './invoice-path.ts'
import { invoiceTitle } from './invoice-words.tsx'
import { lineFields, newLineOf } from './line-fields.ts'
import { invoiceLines } from './tables.ts'

const settled = () => settleFields(invoiceLines, lineFields, Object.keys(lineFields))

/** Adds a line to a draft. */
export const linePage: View = {
  path: '/admin/invoices/:id{[0-9]+}/lines',
  access: 'invoice.change',
  async get(c) {
    return <LinePage invoice={draft(await invoiceOf(c, currentScope().db))} fields={await fieldsOf(c)} values={{ quantity: '1' }} />
  },
  async post(c) {
    const invoice = draft(await invoiceOf(c, currentScope().db))
    const { coin, actor } = c.var
    const raw = await readForm(c, settled())
    const again = async (errors: readonly FieldError[]) => {
      c.status(422)
      return <LinePage invoice={invoice} fields={await fieldsOf(c)} values={raw} errors={errors} />
    }
    const parsed = await parseInput(coin.registry, coin.database.db, settled(), raw, 'add')
    if (!parsed.ok) return again(parsed.errors)
    try {
      await coin.transaction(actor, tx => addLine(tx, invoice.id, newLineOf(parsed.values, invoice.kind)))
    } catch (error) {
      if (!isCoinError(error) || !isCorrectable(error)) throw error
      return again(fieldErrors(error, settled()))
    }
    return redirectTo(c, invoicePath(invoice.id), t('The line is added.'))
  },
}

/** Takes a line off a draft. */
export const removeLineView: View = {
  path: '/admin/invoices/:id{[0-9]+}/lines/:line{[0-9]+}/remove',
  access: 'invoice.change',
  async post(c) {
    const { id } = await invoiceOf(c, currentScope().db)
    const line = Number(c.req.param('line'))
    if (!Number.isSafeInteger(line)) throw new CoinError('not_found', 'This line is not there any more.')
    await c.var.coin.transaction(c.var.actor, tx => removeLine(tx, id, line))
    return redirectTo(c, invoicePath(id), t('The line is removed.'))
  },
}

function draft(invoice: InvoiceHeadRow): InvoiceHeadRow {
  if (invoice.state === 'draft') return invoice
  throw new CoinError('refused', 'Invoice {{number}} was issued: it stays as it is.', {
    values: { number: invoice.number ?? '' },
    hint: 'Make a credit note.',
  })
}

// none of these fields refers to another object
const fieldsOf = (c: Context): Promise<LoadedField[]> => loadFields(c.var.coin.registry, c.var.coin.database.db, settled(), async () => [])

interface LinePageProps {
  readonly invoice: InvoiceHeadRow
  readonly fields: readonly LoadedField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly errors?: readonly FieldError[]
}

const LinePage = ({ invoice, ...form }: LinePageProps) => (
  <FormPage
    title={t('Add a line')}
    crumbs={[
      { label: t('Invoices'), href: sitePath('/admin/invoices') },
      { label: invoiceTitle(invoice), href: invoicePath(invoice.id) },
    ]}
    action={invoicePath(invoice.id, 'lines')}
    submit={t('Add')}
    cancel={invoicePath(invoice.id)}
    {...form}
  />
)

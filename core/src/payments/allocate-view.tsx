import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, type FieldError, invalid, isCoinError } from '../errors.ts'
import { currencySymbol, Empty, errorOf, Field, Form, formatDate, formatMoney, Page, parseMoney, sitePath } from '../ui/index.ts'
import { setFlash } from '../web/flash.ts'
import { allocateByHand } from './allocations.ts'
import { type Credit, coverable, creditNoteCredit, type OpenBill, paymentCredit } from './queries.ts'

interface Source {
  /** Below `/admin`. */
  readonly plural: 'payments' | 'invoices'
  readonly label: string
  credit(tx: Tx, id: number): Promise<Credit | undefined>
  from(id: number): { readonly fromPayment: number } | { readonly fromCreditNote: number }
}

interface Shown {
  readonly id: number
  readonly source: Source
  readonly credit: Credit
  readonly bills: readonly OpenBill[]
  readonly target?: string
  readonly amount?: string
  readonly errors?: readonly FieldError[]
}

async function read(c: Context, source: Source): Promise<Shown> {
  const { db } = c.var.coin.database
  const id = Number(c.req.param('id'))
  const credit = await source.credit(db, id)
  if (!credit) throw new CoinError('not_found', 'This is not there any more.')
  return { id, source, credit, bills: await coverable(db, credit.member_id, credit.currency) }
}

function Body({ id, source, credit, bills, target, amount, errors = [] }: Shown) {
  const here = sitePath(`/admin/${source.plural}/${id}`)
  const name = credit.number ?? t('{{amount}} · {{name}}', { amount: formatMoney(credit.amount, credit.currency), name: credit.member })
  return (
    <Page
      title={t('Allocate by hand')}
      errors={errors}
      crumbs={[
        { label: t(source.label), href: sitePath(`/admin/${source.plural}`) },
        { label: name, href: here },
      ]}
    >
      {bills.length === 0 ? (
        <Empty title={t('Nothing to cover')} icon="file-invoice">
          {t('{{name}} has no invoice that this could pay.', { name: credit.member })}
        </Empty>
      ) : (
        <Form action={`${here}/allocate`} submit={t('Allocate')} cancel={here}>
          <Field
            name="target"
            label={t('What it pays')}
            kind="select"
            value={target ?? keyOf(bills[0])}
            error={errorOf(errors, 'target')}
            hint={t('The rules leave this alone from then on. What they had allocated is moved aside.')}
            options={bills.map(bill => ({ value: keyOf(bill), label: labelOf(bill, credit.currency) }))}
          />
          <Field
            name="amount"
            label={t('Amount')}
            kind="money"
            unit={currencySymbol(credit.currency)}
            value={amount ?? ''}
            optional
            error={errorOf(errors, 'amount')}
            hint={t('At most {{amount}}. As much as fits unless given.', { amount: formatMoney(credit.free, credit.currency) })}
          />
        </Form>
      )}
    </Page>
  )
}

const keyOf = (bill: OpenBill | undefined) => (bill ? `${bill.kind}-${bill.id}` : '')

function labelOf(bill: OpenBill, currency: string): string {
  const names =
    bill.kind === 'invoice'
      ? [bill.number ?? '', formatDate(bill.day, 'table')]
      : [t('Payment of {{date}}', { date: formatDate(bill.day) })]
  const parts = [...names, formatMoney(bill.free, currency), bill.disputed ? t('In dispute') : '']
  return parts.filter(Boolean).join(' · ')
}

const allocateView = (source: Source): View => ({
  path: `/admin/${source.plural}/:id{[0-9]+}/allocate`,
  access: 'payment.change',
  async get(c) {
    return <Body {...(await read(c, source))} />
  },
  async post(c) {
    const shown = await read(c, source)
    const form = await c.req.parseBody()
    const [target, amount] = [String(form.target ?? ''), String(form.amount ?? '').trim()]
    try {
      const { coin, actor } = c.var
      await coin.transaction(actor, (tx: Tx) =>
        allocateByHand(tx, { ...source.from(shown.id), ...targetIn(target, shown.bills), amount: amountIn(amount) }),
      )
    } catch (error) {
      if (!isCoinError(error) || error.code === 'not_found') throw error
      c.status(422)
      const errors = error.fields.length > 0 ? error.fields : [{ field: '', message: error.message, values: error.values }]
      return <Body {...shown} target={target} amount={amount} errors={errors} />
    }
    setFlash(c, { kind: 'ok', message: t('It is allocated.') })
    return c.redirect(sitePath(`/admin/${source.plural}/${shown.id}`), 303)
  },
})

function targetIn(text: string, bills: readonly OpenBill[]) {
  const bill = bills.find(one => keyOf(one) === text)
  if (!bill) throw invalid('target', 'Choose what it pays.')
  return bill.kind === 'invoice' ? { toInvoice: bill.id } : { toPayment: bill.id }
}

function amountIn(text: string): string | undefined {
  if (text === '') return undefined
  const amount = parseMoney(text)
  if (!amount.ok) throw invalid('amount', amount.message, amount.values)
  return amount.value
}

/** Staff say what a payment pays. */
export const allocatePayment = allocateView({
  plural: 'payments',
  label: 'Payments',
  credit: paymentCredit,
  from: id => ({ fromPayment: id }),
})

/** Staff say what a credit note pays. */
export const allocateCreditNote = allocateView({
  plural: 'invoices',
  label: 'Invoices',
  credit: creditNoteCredit,
  from: id => ({ fromCreditNote: id }),
})

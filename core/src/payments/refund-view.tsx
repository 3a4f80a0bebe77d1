import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, type FieldError, invalid, isCoinError } from '../errors.ts'
import { currencySymbol, errorOf, Field, Form, formatMoney, Page, Pair, parseDate, parseMoney, sitePath } from '../ui/index.ts'
import { setFlash } from '../web/flash.ts'
import { methods } from './methods.ts'
import { paymentCredit, paymentHead } from './queries.ts'
import { type Reversal, refund, returnDirectDebit } from './rules.ts'
import type { PaymentMethod } from './tables.ts'

interface Shown {
  readonly id: number
  readonly name: string
  readonly currency: string
  readonly reversible: string
  readonly typed: Readonly<Record<string, string>>
  readonly errors?: readonly FieldError[]
}

async function read(c: Context): Promise<Shown> {
  const { db } = c.var.coin.database
  const id = Number(c.req.param('id'))
  const [credit, head] = [await paymentCredit(db, id), await paymentHead(db, id)]
  if (!credit || !head) throw new CoinError('not_found', 'This payment is not there any more.')
  const name = t('{{amount}} · {{name}}', { amount: formatMoney(credit.amount, credit.currency), name: credit.member })
  return { id, name, currency: credit.currency, reversible: head.reversible, typed: { amount: head.reversible, kind: 'refund' } }
}

function Body({ id, name, currency, reversible, typed, errors = [] }: Shown) {
  const here = sitePath(`/admin/payments/${id}`)
  return (
    <Page
      title={t('Pay back')}
      errors={errors}
      crumbs={[
        { label: t('Payments'), href: sitePath('/admin/payments') },
        { label: name, href: here },
      ]}
    >
      <Form action={`${here}/refund`} submit={t('Record it')} cancel={here}>
        <p class="hint">
          {t('This records that the money went back: send it from your bank. What this payment covered is open again, the newest first.')}
        </p>
        <Field
          name="kind"
          label={t('What happened')}
          kind="choice"
          value={typed.kind}
          error={errorOf(errors, 'kind')}
          options={[
            { value: 'refund', label: t('We pay the member back') },
            { value: 'return', label: t('The bank returned a direct debit') },
          ]}
        />
        <Pair>
          <Field
            name="amount"
            label={t('Amount')}
            kind="money"
            unit={currencySymbol(currency)}
            value={typed.amount}
            error={errorOf(errors, 'amount')}
            hint={t('At most {{amount}}', { amount: formatMoney(reversible, currency) })}
          />
          <Field
            name="receivedOn"
            label={t('Day')}
            kind="date"
            value={typed.receivedOn}
            optional
            error={errorOf(errors, 'receivedOn')}
            hint={t('Today unless given')}
          />
        </Pair>
        <Field
          name="method"
          label={t('How')}
          kind="select"
          value={typed.method ?? 'transfer'}
          error={errorOf(errors, 'method')}
          options={methods.map(({ value, label }) => ({ value, label: t(label) }))}
        />
        <Field name="comment" label={t('Comment')} kind="textarea" value={typed.comment} optional hint={t('For staff only')} />
      </Form>
    </Page>
  )
}

/** Staff record that a payment was given back, or returned by the bank. */
export const refundView: View = {
  path: '/admin/payments/:id{[0-9]+}/refund',
  access: 'payment.add',
  async get(c) {
    return <Body {...(await read(c))} />
  },
  async post(c) {
    const shown = await read(c)
    const form = await c.req.parseBody()
    const typed = Object.fromEntries(
      ['kind', 'amount', 'receivedOn', 'method', 'comment'].map(name => [name, String(form[name] ?? '').trim()] as const),
    )
    let made: number
    try {
      const { coin, actor } = c.var
      const given = understand(shown.id, typed)
      made = await coin.transaction(actor, (tx: Tx) => (typed.kind === 'return' ? returnDirectDebit(tx, given) : refund(tx, given)))
    } catch (error) {
      if (!isCoinError(error) || error.code === 'not_found') throw error
      c.status(422)
      const errors = error.fields.length > 0 ? error.fields : [{ field: '', message: error.message, values: error.values }]
      return <Body {...shown} typed={typed} errors={errors} />
    }
    setFlash(c, { kind: 'ok', message: t('It is recorded.') })
    return c.redirect(sitePath(`/admin/payments/${made}`), 303)
  },
}

function understand(paymentId: number, typed: Readonly<Record<string, string>>): Reversal {
  const amount = typed.amount ? parseMoney(typed.amount) : undefined
  if (amount && !amount.ok) throw invalid('amount', amount.message, amount.values)
  const day = typed.receivedOn ? parseDate(typed.receivedOn) : undefined
  if (day && !day.ok) throw invalid('receivedOn', day.message, day.values)
  const method = methods.find(({ value }) => value === typed.method)
  if (!method) throw invalid('method', 'Choose how it was paid.')
  return {
    paymentId,
    method: method.value as PaymentMethod,
    comment: typed.comment,
    ...(amount && { amount: amount.value }),
    ...(day && { receivedOn: day.value }),
  }
}

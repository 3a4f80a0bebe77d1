import { sql } from 'drizzle-orm'
import { literal } from '../../admin/list-search.ts'
import { asWords, defineFinder } from '../../app/finder.ts'
import { t } from '../../app/i18n.ts'
import { maskedIban } from '../../payments/sepa/iban.ts'
import { formatDate, formatMoney } from '../../ui/index.ts'
import { amountIn, dayIn, ibanIn } from '../readings.ts'
import { rowHits } from '../rows.ts'

const asAmount = (text: string) => {
  const value = amountIn(text)
  return value === undefined ? undefined : { as: 'an amount', value }
}
const asDay = (text: string) => {
  const value = dayIn(text)
  return value === undefined ? undefined : { as: 'a day', value }
}
const asIban = (text: string) => {
  const value = ibanIn(text)
  return value === undefined ? undefined : { as: 'an IBAN', value, certain: true as const }
}

/** The numbers of invoices in a text: one, a part of one, or several in the label of a transfer. */
const numbers = (text: string) => text.match(/\b\d{4}-\d{2}-\d{4,}\b/g) ?? []

/** Invoices by number. */
export const invoices = defineFinder<string>({
  name: 'invoice',
  label: 'Invoices',
  icon: 'file-invoice',
  access: 'invoice.view',
  narrows: true,
  understand(text) {
    if (numbers(text).length > 0) return { as: 'the number of an invoice', value: text }
    return /\d/.test(text) ? asWords(text) : undefined
  },
  find: (text, tx, limit) => {
    const whole = numbers(text)
    return rowHits('invoice', tx, limit, {
      where:
        whole.length > 0 ? sql`invoice.number = ANY (${sql.param([...whole])}::text[])` : sql`invoice.number ILIKE ${`%${literal(text)}%`}`,
      exact: whole.length > 0,
    })
  },
  all: text => `/admin/invoices?q=${encodeURIComponent(numbers(text)[0] ?? text)}`,
})

/** What is still to be paid and has this amount. */
export const openAmounts = defineFinder<string>({
  name: 'invoice_amount',
  label: 'Invoices to pay of this amount',
  icon: 'file-invoice',
  access: 'invoice.view',
  narrows: true,
  understand: asAmount,
  find: (amount, tx, limit) =>
    rowHits('invoice', tx, limit, {
      where: sql`invoice.state = 'issued' AND invoice.allocated <> invoice.total AND invoice.total > 0
        AND (invoice.total = ${amount}::numeric OR invoice.total - invoice.allocated = ${amount}::numeric)`,
    }),
})

export const invoiceDays = defineFinder<string>({
  name: 'invoice_day',
  label: 'Invoices of that day',
  icon: 'file-invoice',
  access: 'invoice.view',
  narrows: true,
  understand: asDay,
  find: (day, tx, limit) => rowHits('invoice', tx, limit, { where: sql`invoice.issued_on = ${day}::date` }),
})

/** Payments by what the payer wrote. */
export const payments = defineFinder<string>({
  name: 'payment',
  label: 'Payments',
  icon: 'wallet',
  access: 'payment.view',
  narrows: true,
  understand: asWords,
  find: (text, tx, limit) =>
    rowHits('payment', tx, limit, {
      where: sql`payment.reference <> '' AND coin.fold(payment.reference) LIKE '%' || coin.fold(${literal(text)}) || '%'`,
      text,
    }),
  all: text => `/admin/payments?q=${encodeURIComponent(text)}`,
})

export const paymentAmounts = defineFinder<string>({
  name: 'payment_amount',
  label: 'Payments of this amount',
  icon: 'wallet',
  access: 'payment.view',
  narrows: true,
  understand: asAmount,
  find: (amount, tx, limit) => rowHits('payment', tx, limit, { where: sql`payment.amount IN (${amount}::numeric, -(${amount}::numeric))` }),
  all: amount => `/admin/payments?q=${encodeURIComponent(amount)}`,
})

export const paymentDays = defineFinder<string>({
  name: 'payment_day',
  label: 'Payments of that day',
  icon: 'wallet',
  access: 'payment.view',
  narrows: true,
  understand: asDay,
  find: (day, tx, limit) => rowHits('payment', tx, limit, { where: sql`payment.received_on = ${day}::date` }),
})

/** Mandates by their reference. */
export const mandates = defineFinder<string>({
  name: 'mandate',
  label: 'Mandates of direct debit',
  icon: 'building-bank',
  access: 'mandate.view',
  narrows: true,
  understand: asWords,
  find: (text, tx, limit) =>
    rowHits('mandate', tx, limit, { where: sql`upper(sepa_mandate.reference) LIKE '%' || upper(${literal(text)}) || '%'`, text }),
})

export const mandateIbans = defineFinder<string>({
  name: 'mandate_iban',
  label: 'Mandates for this account',
  icon: 'building-bank',
  access: 'mandate.view',
  narrows: true,
  understand: asIban,
  find: (iban, tx, limit) => rowHits('mandate', tx, limit, { where: sql`sepa_mandate.iban = ${iban}`, exact: true }),
})

interface BankWanted {
  readonly amount?: string
  readonly iban?: string
  readonly words?: string
}

/** Bookings of the bank: by amount, by the account they came from, and by words as long as nobody has settled them. */
export const bankLines = defineFinder<BankWanted>({
  name: 'bank_line',
  label: 'Bank lines',
  icon: 'building-bank',
  access: 'bank.import',
  understand(text) {
    const [iban, amount, words] = [asIban(text), asAmount(text), asWords(text)]
    if (iban) return { as: iban.as, value: { iban: iban.value } }
    if (amount) return { as: amount.as, value: { amount: amount.value } }
    return words && { as: words.as, value: { words: words.value } }
  },
  async find({ amount, iban, words }, tx, limit) {
    const where = iban
      ? sql`counterparty_iban = ${iban}`
      : amount
        ? sql`amount IN (${amount}::numeric, -(${amount}::numeric))`
        : sql`state = 'unmatched' AND coin.fold(label || ' ' || coalesce(counterparty_name, '')) LIKE '%' || coin.fold(${literal(words ?? '')}) || '%'`
    const { rows } = await tx.execute<{
      id: number
      day: string
      amount: string
      currency: string
      label: string
      name: string | null
      iban: string | null
    }>(sql`
      SELECT id, booked_on AS day, amount::text, currency, label, counterparty_name AS name, counterparty_iban AS iban FROM bank_line
      WHERE state IN ('matched', 'unmatched', 'ignored') AND ${where} ORDER BY booked_on DESC, id DESC LIMIT ${limit}`)
    return rows.map(row => ({
      label: t('{{amount}} on {{date}}', { amount: formatMoney(row.amount, row.currency), date: formatDate(row.day) }),
      sub: [row.name, row.iban && maskedIban(row.iban), row.label].filter(Boolean).join(' · '),
      path: `/admin/bank/lines/${row.id}`,
    }))
  },
})

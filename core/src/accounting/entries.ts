import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { type Journal, type Method, memberAccount, saleAccount, vatAccount } from './chart.ts'
import type { Period } from './period.ts'

/** One side of an entry; an amount is in cents and above zero. */
export interface EntryLine {
  readonly account: string
  /** The member's account, on the line of what the member owes. */
  readonly auxiliary?: {
    readonly number: string
    readonly name: string
    readonly letter: string | null
    readonly letteredOn: string | null
  }
  readonly debit: bigint
  readonly credit: bigint
}

/** What was written in a journal at once. Its lines add up to nothing. */
export interface Entry {
  readonly number: number
  readonly journal: Journal
  /** ISO. */
  readonly day: string
  /** The day on which it became final. */
  readonly validOn: string
  readonly piece: string
  readonly words: string
  readonly lines: readonly EntryLine[]
}

interface Key extends Record<string, unknown> {
  readonly day: string
  /** 0: an invoice; 1: a payment. */
  readonly source: 0 | 1
  readonly id: number
}

/** An invoice that is worth an entry: one whose lines are not all zero. */
export const booked = sql`i.state = 'issued' AND EXISTS (SELECT FROM invoice_line l WHERE l.invoice_id = i.id AND l.net <> 0)`

/**
 * The entries of a period, by day, batch by batch: three statements each. They are numbered from the beginning of the financial year. Needs the
 * letters of `letter()` in the same transaction. Throws when an entry does not balance, and names it.
 */
export async function* entriesOf(tx: Tx, period: Period, firstNumber: number, size = 2000): AsyncGenerator<readonly Entry[]> {
  let number = firstNumber
  for (let after: Key = { day: period.from, source: 0, id: 0 }; ; ) {
    const keys = await nextKeys(tx, period, after, size)
    const last = keys.at(-1)
    if (!last) return
    const idsOf = (source: 0 | 1) => keys.flatMap(key => (key.source === source ? [key.id] : []))
    const [sales, receipts] = [await salesOf(tx, idsOf(0)), await receiptsOf(tx, idsOf(1))]
    yield keys.map(({ source, id }) => {
      const entry = { number: number++, ...((source === 0 ? sales : receipts).get(id) as Omit<Entry, 'number'>) }
      checkBalance(entry)
      return entry
    })
    after = last
  }
}

async function nextKeys(tx: Tx, { to }: Period, after: Key, size: number): Promise<readonly Key[]> {
  // all invoices of a day come before its payments
  const [invoice, payment] = after.source === 0 ? [after.id, 0] : [Number.MAX_SAFE_INTEGER, after.id]
  const { rows } = await tx.execute<Key>(sql`
    SELECT * FROM (
      (SELECT i.issued_on AS day, 0 AS source, i.id FROM invoice i WHERE (i.issued_on, i.id) > (${after.day}::date, ${invoice}::bigint) AND i.issued_on <= ${to}::date AND ${booked}
        ORDER BY i.issued_on, i.id LIMIT ${size}::int)
      UNION ALL
      (SELECT p.received_on, 1, p.id FROM payment p WHERE (p.received_on, p.id) > (${after.day}::date, ${payment}::bigint) AND p.received_on <= ${to}::date
        ORDER BY p.received_on, p.id LIMIT ${size}::int)) e
    ORDER BY day, source, id LIMIT ${size}::int`)
  return rows
}

interface Sale extends Record<string, unknown> {
  readonly id: number
  readonly number: string
  readonly kind: 'invoice' | 'credit_note' | 'fee' | 'donation'
  /** Of what a credit note corrects. */
  readonly as: string
  readonly day: string
  readonly total: string
  readonly member: number
  readonly name: string
  readonly letter: string | null
  readonly letteredOn: string | null
  readonly nets: readonly { readonly account: string; readonly amount: string }[]
  readonly vats: readonly { readonly rate: string; readonly amount: string }[]
}

const saleWords = { invoice: 'Facture', credit_note: 'Avoir', fee: 'Cotisation', donation: 'Don' }

async function salesOf(tx: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, Omit<Entry, 'number'>>> {
  if (ids.length === 0) return new Map()
  const { rows } = await tx.execute<Sale>(sql`
    SELECT i.id, i.number, i.kind, coalesce(c.kind, i.kind) AS "as", i.issued_on AS day, i.total::text, m.id AS member, m.display_name AS name, t.letter, t.day AS "letteredOn",
      (SELECT jsonb_agg(jsonb_build_object('account', n.account, 'amount', n.amount::text) ORDER BY n.account, n.amount DESC)
        FROM (SELECT l.account, sum(l.net) AS amount FROM invoice_line l WHERE l.invoice_id = i.id AND l.net <> 0 GROUP BY l.account, sign(l.net)) n) AS nets,
      coalesce((SELECT jsonb_agg(jsonb_build_object('rate', v.vat_rate::text, 'amount', v.amount::text) ORDER BY v.vat_rate)
        FROM (SELECT l.vat_rate, round(sum(l.net) * l.vat_rate / 100, coin.minor_digits(i.currency)) AS amount FROM invoice_line l WHERE l.invoice_id = i.id GROUP BY l.vat_rate) v
        WHERE v.amount <> 0), '[]') AS vats
    FROM unnest(${sql.param([...ids])}::bigint[]) AS k (id) JOIN invoice i ON i.id = k.id JOIN member m ON m.id = i.member_id LEFT JOIN invoice c ON c.id = i.corrects_id
    LEFT JOIN accounting_letter t ON t.source = 0 AND t.id = i.id`)
  return new Map(rows.map(row => [row.id, saleEntry(row)]))
}

function saleEntry(sale: Sale): Omit<Entry, 'number'> {
  const { accounts } = currentScope().registry.config.accounting
  const lines = [
    { ...debit(accounts.customers, cents(sale.total)), auxiliary: auxiliaryOf(sale) },
    ...sale.nets.map(({ account, amount }) => credit(saleAccount(sale.as, account), cents(amount))),
    ...sale.vats.map(({ rate, amount }) => credit(vatAccount(rate), cents(amount))),
  ]
  return {
    journal: 'sales',
    day: sale.day,
    validOn: sale.day,
    piece: sale.number,
    words: `${saleWords[sale.kind]} ${sale.number} ${sale.name}`,
    lines: lines.filter(line => line.debit !== line.credit),
  }
}

interface Receipt extends Record<string, unknown> {
  readonly id: number
  readonly day: string
  readonly validOn: string
  readonly amount: string
  readonly method: Method
  readonly member: number
  readonly name: string
  readonly letter: string | null
  readonly letteredOn: string | null
}

const methodWords: Readonly<Record<Method, string>> = {
  cash: 'espèces',
  cheque: 'chèque',
  transfer: 'virement',
  direct_debit: 'prélèvement',
  card: 'carte',
  other: 'autre',
}

async function receiptsOf(tx: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, Omit<Entry, 'number'>>> {
  if (ids.length === 0) return new Map()
  const { rows } = await tx.execute<Receipt>(sql`
    SELECT p.id, p.received_on AS day, greatest(p.received_on, p.created_at::date) AS "validOn", p.amount::text, p.method, m.id AS member, m.display_name AS name, t.letter, t.day AS "letteredOn"
    FROM unnest(${sql.param([...ids])}::bigint[]) AS k (id) JOIN payment p ON p.id = k.id JOIN member m ON m.id = p.member_id
    LEFT JOIN accounting_letter t ON t.source = 1 AND t.id = p.id`)
  return new Map(rows.map(row => [row.id, receiptEntry(row)]))
}

function receiptEntry(receipt: Receipt): Omit<Entry, 'number'> {
  const { accounts, payments } = currentScope().registry.config.accounting
  const { journal, account } = payments[receipt.method]
  const amount = cents(receipt.amount)
  return {
    journal,
    day: receipt.day,
    validOn: receipt.validOn,
    piece: `P${receipt.id}`,
    words: `${amount > 0n ? 'Règlement' : 'Remboursement'} ${methodWords[receipt.method]} ${receipt.name}`,
    lines: [debit(account, amount), { ...credit(accounts.customers, amount), auxiliary: auxiliaryOf(receipt) }],
  }
}

const auxiliaryOf = ({ member, name, letter, letteredOn }: Pick<Sale, 'member' | 'name' | 'letter' | 'letteredOn'>) => ({
  number: memberAccount(member),
  name,
  letter,
  letteredOn,
})

/** An amount below zero is one above zero on the other side. */
const debit = (account: string, amount: bigint): EntryLine => ({
  account,
  debit: amount > 0n ? amount : 0n,
  credit: amount < 0n ? -amount : 0n,
})
const credit = (account: string, amount: bigint): EntryLine => debit(account, -amount)

/** Of a decimal number with two decimals. */
export const cents = (amount: string): bigint => BigInt(amount.replace('.', ''))

function checkBalance({ lines, piece }: Entry): void {
  const left = lines.reduce((sum, line) => sum + line.debit - line.credit, 0n)
  if (left !== 0n || lines.length < 2)
    throw new CoinError('refused', 'The entry of {{piece}} does not balance: nothing is exported.', {
      values: { piece },
      hint: 'Somebody changed it past Coin. Compare its lines with its total.',
    })
}

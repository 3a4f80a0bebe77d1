import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { copied, copyRows } from './copy-rows.ts'
import { tableOf } from './rows.ts'
import type { BilledLine, DraftBill, MemberBill, NewCharge } from './work-out.ts'

/**
 * Stores what was worked out, in the transaction that holds the locks: charges with what they supersede, drafts, lines, and how far each subscription
 * is billed. At most seven statements, however many members there are. Returns the ids of the drafts.
 */
export async function writeBills(tx: Tx, runId: number, bills: readonly MemberBill[]): Promise<readonly number[]> {
  const charges = bills.flatMap(bill => bill.charges)
  const drafts = bills.flatMap(bill => bill.drafts)
  const chargeIds = await nextIds(tx, 'charge', charges.length)
  const draftIds = await nextIds(tx, 'invoice', drafts.length)
  const idOf = new Map(charges.map((charge, index) => [charge, chargeIds[index] as number]))

  const superseded = charges.flatMap(charge => charge.change.instead.map(({ id }) => ({ id, by: idOf.get(charge) as number })))
  if (superseded.length > 0)
    await tx.execute(
      sql`UPDATE charge SET superseded_by = s.by FROM ${tableOf('s', { id: 'bigint', by: 'bigint' }, superseded)} WHERE charge.id = s.id`,
    )
  if (charges.length > 0) await copyRows(tx, chargeColumns, chargeRows(charges, idOf))
  if (drafts.length > 0) {
    await copyRows(tx, draftColumns, draftRows(drafts, draftIds, runId))
    await copyRows(tx, lineColumns, lineRows(drafts, draftIds, idOf))
  }
  await tx.execute(sql`
    UPDATE billing_state b SET settled_until = s."settledUntil", next_on = s.next, recheck = false
    FROM ${tableOf(
      's',
      { id: 'bigint', settledUntil: 'date', next: 'date' },
      bills.flatMap(bill => bill.states),
    )} WHERE b.subscription_id = s.id`)
  return draftIds
}

type Ids = ReadonlyMap<NewCharge, number>

const chargeColumns =
  'charge (id, subscription_id, member_id, kind, period, revision, superseded_by, offer_id, quantity, unit_price, amount, currency, vat_rate, calculation)'

function chargeRows(charges: readonly NewCharge[], idOf: Ids): string {
  // only of corrections
  const taking = charges.some(({ change }) => change.givesWayTo) ? new Map(charges.map(each => [each.change, each])) : undefined
  let rows = ''
  for (const charge of charges) {
    const { change, subscriptionId, memberId, first, end, revision, offerId, quantity, unitPrice, amount, vatRate } = charge
    const taker = change.givesWayTo && taking?.get(change.givesWayTo)
    rows += `${idOf.get(charge)}\t${subscriptionId}\t${memberId}\t${copied(charge.kind)}\t[${first},${end})\t${revision}\t${taker ? idOf.get(taker) : '\\N'}\t${offerId}\t${quantity}\t${unitPrice}\t${amount}\t${copied(charge.currency)}\t${vatRate}\t${calculationText(charge)}\n`
  }
  return rows
}

const draftColumns = 'invoice (id, member_id, kind, currency, run_id, net, vat, total)'

function draftRows(drafts: readonly DraftBill[], ids: readonly number[], runId: number): string {
  let rows = ''
  for (const [index, { memberId, currency, net, vat, total }] of drafts.entries())
    rows += `${ids[index]}\t${memberId}\t${total.startsWith('-') ? 'credit_note' : 'invoice'}\t${copied(currency)}\t${runId}\t${net}\t${vat}\t${total}\n`
  return rows
}

const lineColumns =
  'invoice_line (invoice_id, position, subscription_id, charge_id, period, description, explanation, quantity, unit, unit_price, net, vat_rate, vat_mention, account)'

function lineRows(drafts: readonly DraftBill[], ids: readonly number[], idOf: Ids): string {
  let rows = ''
  for (const [index, { lines }] of drafts.entries())
    for (const [position, { charge }] of lines.entries())
      if (charge.line)
        rows += `${ids[index]}\t${position + 1}\t${charge.subscriptionId}\t${idOf.get(charge)}\t[${charge.first},${charge.end})\t${lineText(charge.line)}\n`
  return rows
}

/** Many charges share a calculation, and many lines their words: as they are written. */
const written = new WeakMap<object, string>()

function calculationText({ calculation }: NewCharge): string {
  const known = written.get(calculation)
  if (known !== undefined) return known
  const text = copied(JSON.stringify(calculation))
  written.set(calculation, text)
  return text
}

function lineText(line: BilledLine): string {
  const known = written.get(line)
  if (known !== undefined) return known
  const { description, explanation, quantity, unit, unitPrice, net, vatRate, vatMention, account } = line
  const text = `${copied(description)}\t${copied(explanation)}\t${quantity}\t${copied(unit)}\t${unitPrice}\t${net}\t${vatRate}\t${copied(vatMention)}\t${copied(account)}`
  written.set(line, text)
  return text
}

/** Numbers for rows that refer to each other before they are stored. */
async function nextIds(tx: Tx, table: 'charge' | 'invoice', count: number): Promise<readonly number[]> {
  if (count === 0) return []
  // as one text: a row each would cost more than the numbers
  const { rows } = await tx.execute<{ ids: string }>(
    sql`SELECT string_agg(nextval(${`${table}_id_seq`}::regclass)::text, ' ') AS ids FROM generate_series(1, ${count}::int)`,
  )
  return rows[0]?.ids.split(' ').map(Number) ?? []
}

import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { tableOf } from './rows.ts'
import type { DraftBill, MemberBill } from './work-out.ts'

/**
 * Stores what was worked out, in the transaction that holds the locks: charges with what they supersede, drafts, lines, and how far each subscription
 * is billed. At most six statements, however many members there are. Returns the ids of the drafts.
 */
export async function writeBills(tx: Tx, runId: number, bills: readonly MemberBill[]): Promise<readonly number[]> {
  const charges = bills.flatMap(bill => bill.charges)
  const drafts = bills.flatMap(bill => bill.drafts)
  const chargeIds = await nextIds(tx, 'charge', charges.length)
  const draftIds = await nextIds(tx, 'invoice', drafts.length)
  const idOf = new Map(charges.map((charge, index) => [charge, chargeIds[index] as number]))
  const idOfChange = new Map(charges.map((charge, index) => [charge.change, chargeIds[index] as number]))

  const superseded = charges.flatMap(charge => charge.change.instead.map(({ id }) => ({ id, by: idOf.get(charge) as number })))
  if (superseded.length > 0)
    await tx.execute(
      sql`UPDATE charge SET superseded_by = s.by FROM ${tableOf('s', { id: 'bigint', by: 'bigint' }, superseded)} WHERE charge.id = s.id`,
    )
  if (charges.length > 0) {
    const rows = charges.map(charge => ({
      ...charge,
      id: idOf.get(charge) as number,
      supersededBy: charge.change.givesWayTo ? (idOfChange.get(charge.change.givesWayTo) ?? null) : null,
      calculation: JSON.stringify(charge.calculation),
    }))
    await tx.execute(sql`
      INSERT INTO charge (id, subscription_id, member_id, kind, period, revision, superseded_by, offer_id, quantity, unit_price, amount, currency, vat_rate, calculation)
      SELECT id, "subscriptionId", "memberId", kind, daterange(first, "end"), revision, "supersededBy", "offerId", quantity, "unitPrice", amount, currency, "vatRate", calculation
      FROM ${tableOf('c', chargeColumns, rows)}`)
  }
  if (drafts.length > 0) await insertDrafts(tx, runId, drafts, draftIds, idOf)
  await tx.execute(sql`
    UPDATE billing_state b SET settled_until = s."settledUntil", next_on = s.next, recheck = false
    FROM ${tableOf(
      's',
      { id: 'bigint', settledUntil: 'date', next: 'date' },
      bills.flatMap(bill => bill.states),
    )} WHERE b.subscription_id = s.id`)
  return draftIds
}

const chargeColumns = {
  id: 'bigint',
  subscriptionId: 'bigint',
  memberId: 'bigint',
  kind: 'text',
  first: 'date',
  end: 'date',
  revision: 'int',
  supersededBy: 'bigint',
  offerId: 'bigint',
  quantity: 'numeric',
  unitPrice: 'numeric',
  amount: 'numeric',
  currency: 'text',
  vatRate: 'numeric',
  calculation: 'jsonb',
} as const

async function insertDrafts(
  tx: Tx,
  runId: number,
  drafts: readonly DraftBill[],
  ids: readonly number[],
  idOf: ReadonlyMap<unknown, number>,
): Promise<void> {
  const heads = drafts.map((draft, index) => ({
    ...draft,
    id: ids[index] as number,
    kind: draft.total.startsWith('-') ? 'credit_note' : 'invoice',
  }))
  await tx.execute(sql`
    INSERT INTO invoice (id, member_id, kind, currency, run_id, net, vat, total)
    SELECT id, "memberId", kind, currency, ${runId}, net, vat, total
    FROM ${tableOf('d', { id: 'bigint', memberId: 'bigint', kind: 'text', currency: 'text', net: 'numeric', vat: 'numeric', total: 'numeric' }, heads)}`)
  const lines = heads.flatMap(draft =>
    draft.lines.map(({ charge, ...line }, position) => ({
      ...line,
      invoiceId: draft.id,
      position: position + 1,
      subscriptionId: charge.subscriptionId,
      chargeId: idOf.get(charge) as number,
      first: charge.first,
      end: charge.end,
    })),
  )
  await tx.execute(sql`
    INSERT INTO invoice_line (invoice_id, position, description, explanation, subscription_id, charge_id, period, quantity, unit, unit_price, net, vat_rate, vat_mention, account)
    SELECT "invoiceId", position, description, explanation, "subscriptionId", "chargeId", daterange(first, "end"), quantity, unit, "unitPrice", net, "vatRate", "vatMention", account
    FROM ${tableOf('l', lineColumns, lines)}`)
}

const text = 'text'
const lineColumns = {
  invoiceId: 'bigint',
  position: 'int',
  description: text,
  explanation: text,
  subscriptionId: 'bigint',
  chargeId: 'bigint',
  first: 'date',
  end: 'date',
  quantity: 'numeric',
  unit: text,
  unitPrice: 'numeric',
  net: 'numeric',
  vatRate: 'numeric',
  vatMention: text,
  account: text,
} as const

/** Numbers for rows that refer to each other before they are stored. */
async function nextIds(tx: Tx, table: 'charge' | 'invoice', count: number): Promise<readonly number[]> {
  if (count === 0) return []
  const { rows } = await tx.execute<{ id: number }>(
    sql`SELECT nextval(${`${table}_id_seq`}::regclass) AS id FROM generate_series(1, ${count}::int)`,
  )
  return rows.map(({ id }) => id)
}

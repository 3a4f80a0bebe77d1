import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { explain, isDatabaseDown, isTransient } from '../db/errors.ts'
import { messageOf } from '../db/storable.ts'
import { isCoinError } from '../errors.ts'
import type { Reason } from '../ui/reason.ts'
import { tableOf } from './rows.ts'
import { digestOf, type MemberBill, workOut } from './work-out.ts'
import { writeBills } from './write-bills.ts'

interface RunAt {
  readonly id: number
  readonly date: string
  readonly previewed: boolean
}

/** Why a member was set aside. */
export type SetAside = Reason

/** Bills the members, all at once. When the database refuses one of them, each by itself: who fails is set aside with the reason, the others are billed. */
export async function billOrSetAside(tx: Tx, run: RunAt, memberIds: readonly number[]): Promise<void> {
  await eachOrAll(tx, run, memberIds, (inner, ids) => billMembers(inner, run, ids))
}

/** Works out what the members would be billed, and keeps it to be shown. */
export async function proposeOrSetAside(tx: Tx, run: RunAt, memberIds: readonly number[]): Promise<void> {
  await eachOrAll(tx, run, memberIds, async (inner, ids) => {
    const { bills, failures } = await workOut(inner, ids, run.date)
    await keepProposals(inner, run.id, 'proposed', bills)
    await keepFailures(inner, run.id, failures)
    await enter(inner, run.id, leftOver(ids, [...bills, ...failures]), 'nothing')
  })
}

async function eachOrAll(
  tx: Tx,
  run: RunAt,
  memberIds: readonly number[],
  work: (inner: Tx, ids: readonly number[]) => Promise<void>,
): Promise<void> {
  try {
    await savepoint(tx, inner => work(inner, memberIds))
  } catch (error) {
    if (isTransient(error) || isDatabaseDown(error)) throw error
    if (memberIds.length === 1) return keepFailures(tx, run.id, [{ memberId: memberIds[0] as number, error }])
    for (const id of memberIds) await eachOrAll(tx, run, [id], work)
  }
}

const savepoint = (tx: Tx, work: (inner: Tx) => Promise<void>) => tx.transaction(inner => work(inner as unknown as Tx))

async function billMembers(tx: Tx, run: RunAt, memberIds: readonly number[]): Promise<void> {
  const { bills, failures } = await workOut(tx, memberIds, run.date)
  const shown = run.previewed ? await shownDigests(tx, run.id, memberIds) : undefined
  const asShown = shown ? bills.filter(bill => shown.get(bill.memberId) === digestOf(bill)) : bills
  if (asShown.length > 0) await writeBills(tx, run.id, asShown)
  await keepFailures(tx, run.id, failures)
  const billed = new Set(asShown)
  if (shown)
    await keepProposals(
      tx,
      run.id,
      'changed',
      bills.filter(bill => !billed.has(bill)),
    )
  await enter(
    tx,
    run.id,
    asShown.map(bill => bill.memberId),
    'billed',
  )
  await enter(tx, run.id, leftOver(memberIds, [...bills, ...failures]), 'nothing')
}

/** Those for whom nothing is left to look at: somebody else billed them, or their subscription went. */
function leftOver(memberIds: readonly number[], looked: readonly { readonly memberId: number }[]): readonly number[] {
  const known = new Set(looked.map(({ memberId }) => memberId))
  return memberIds.filter(id => !known.has(id))
}

async function shownDigests(tx: Tx, runId: number, memberIds: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const { rows } = await tx.execute<{ id: number; digest: string }>(
    sql`SELECT member_id AS id, digest FROM billing_run_member WHERE run_id = ${runId} AND member_id = ANY (${sql.param(memberIds)}::bigint[])`,
  )
  return new Map(rows.map(({ id, digest }) => [id, digest]))
}

/** Those who were set aside, or shown, are no more. */
async function enter(tx: Tx, runId: number, memberIds: readonly number[], state: 'billed' | 'nothing'): Promise<void> {
  if (memberIds.length === 0) return
  await tx.execute(sql`
    UPDATE billing_run_member SET state = ${state}, error = NULL, at = clock_timestamp() WHERE run_id = ${runId} AND member_id = ANY (${sql.param(memberIds)}::bigint[])`)
}

async function keepProposals(tx: Tx, runId: number, state: 'proposed' | 'changed', bills: readonly MemberBill[]): Promise<void> {
  const rows = bills.map(bill => ({
    memberId: bill.memberId,
    state: bill.charges.length === 0 && state === 'proposed' ? 'nothing' : state,
    proposal: JSON.stringify(
      bill.drafts.map(({ lines, ...draft }) => ({
        ...draft,
        lines: lines.map(({ charge, ...line }) => ({ ...line, first: charge.first, end: charge.end })),
      })),
    ),
    digest: digestOf(bill),
    total: bill.drafts.length === 1 ? (bill.drafts[0]?.total ?? null) : null,
    currency: bill.drafts.length === 1 ? (bill.drafts[0]?.currency ?? null) : null,
  }))
  if (rows.length === 0) return
  await tx.execute(sql`
    INSERT INTO billing_run_member (run_id, member_id, state, proposal, digest, total, currency)
    SELECT ${runId}, "memberId", state, proposal, digest, total, currency
    FROM ${tableOf('p', { memberId: 'bigint', state: 'text', proposal: 'jsonb', digest: 'text', total: 'numeric', currency: 'text' }, rows)}
    ON CONFLICT (run_id, member_id) DO UPDATE SET state = excluded.state, proposal = excluded.proposal, digest = excluded.digest, total = excluded.total,
      currency = excluded.currency, error = NULL, at = clock_timestamp()`)
}

async function keepFailures(
  tx: Tx,
  runId: number,
  failures: readonly { readonly memberId: number; readonly error: unknown }[],
): Promise<void> {
  if (failures.length === 0) return
  const rows = failures.map(({ memberId, error }) => ({ memberId, error: JSON.stringify(reasonOf(error)) }))
  await tx.execute(sql`
    INSERT INTO billing_run_member (run_id, member_id, state, error, attempts) SELECT ${runId}, "memberId", 'failed', error, 1
    FROM ${tableOf('f', { memberId: 'bigint', error: 'jsonb' }, rows)}
    ON CONFLICT (run_id, member_id) DO UPDATE SET state = 'failed', error = excluded.error, attempts = billing_run_member.attempts + 1, at = clock_timestamp()`)
}

/** What is kept of an error. */
export function reasonOf(error: unknown): SetAside {
  const known = explain(error, currentScope().registry.constraints)
  if (isCoinError(known)) return { message: known.message, hint: known.hint ?? null, values: known.values }
  return { message: 'Something unexpected: {{reason}}', hint: null, values: { reason: messageOf(known) } }
}

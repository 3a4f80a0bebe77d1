import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { issueInvoices } from './issue.ts'
import { allLanesDone, type Lane, lanes, layLanes, moveLane, takeLane } from './run-lanes.ts'
import { findRun, shownToken } from './run-queries.ts'
import { billOrSetAside, proposeOrSetAside } from './set-aside.ts'
import { billingRuns } from './tables.ts'

export type RunState = 'previewing' | 'preview' | 'running' | 'issuing' | 'stopped' | 'done' | 'dropped'

export interface NewRun {
  /** Up to when to bill, ISO: what begins on this day is billed. */
  readonly date: string
  /** Works out what it would bill and waits for a person. */
  readonly preview?: boolean
  /** Issues what it bills. */
  readonly issues?: boolean
}

/** Members in one transaction: short enough for those who change a subscription meanwhile, long enough to be quick. */
export const runBatch = 1000

/** Begins a run; a worker does it, or who calls `advanceRun` until it is done. Returns its id. */
export async function startRun(tx: Tx, { date, preview = false, issues = false }: NewRun): Promise<number> {
  const { actor, registry } = currentScope()
  await checkDate(tx, date)
  await recheckOffers(tx)
  const [row] = await tx
    .insert(billingRuns)
    .values({
      date,
      timeZone: registry.config.provider.timeZone,
      state: preview ? 'previewing' : 'running',
      previewed: preview,
      issues,
      startedBy: actor.label,
    })
    .returning({ id: billingRuns.id })
  const { id } = row as { id: number }
  const members = await layLanes(tx, id, sql`SELECT DISTINCT member_id FROM billing_state WHERE recheck OR next_on <= ${date}::date`)
  await tx.execute(sql`UPDATE billing_run SET members = ${members} WHERE id = ${id}`)
  await keepGoing(tx, id)
  return id
}

/** Has workers go on with a run, one for each lane. */
export async function keepGoing(tx: Tx, id: number): Promise<void> {
  for (let lane = 1; lane <= lanes; lane++) await goOn(tx, id, lane)
}

/** The next part of a run is a job of its own. */
export const goOn = (tx: Tx, id: number, lane: number): Promise<void> =>
  enqueue(tx, 'billing:run', { run: id, lane }, { key: `${id}/${lane}` })

async function checkDate(tx: Tx, date: string): Promise<void> {
  const { rows } = await tx.execute<{ limit: string }>(sql`SELECT (coin.today() + interval '13 months')::date::text AS limit`)
  if (!isDay(date)) throw invalid('date', 'Give a date such as 2026-12-01.')
  // further away is a slip of the hand, and would bill years in advance
  if (date > (rows[0]?.limit ?? '')) throw invalid('date', 'This is more than a year ahead.')
}

function isDay(text: string): boolean {
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text
  } catch {
    return false
  }
}

/** Subscriptions of offers whose prices changed are looked at again from their beginning. */
async function recheckOffers(tx: Tx): Promise<void> {
  const { rows } = await tx.execute<{ id: number }>(sql`DELETE FROM billing_recheck_offer RETURNING offer_id AS id`)
  if (rows.length === 0) return
  await tx.execute(sql`
    UPDATE billing_state SET recheck = true WHERE NOT recheck AND settled_until IS NOT NULL AND subscription_id IN (
      SELECT subscription_id FROM subscription_offer WHERE offer_id = ANY (${sql.param(rows.map(({ id }) => id))}::bigint[]))`)
}

interface Run extends Record<string, unknown> {
  readonly id: number
  readonly date: string
  readonly state: RunState
  readonly previewed: boolean
  readonly issues: boolean
}

/**
 * Does the next part of a run in `tx`: bills some members, works out what it would bill them, or issues some drafts. True when there may be more.
 * Several may work on one run, each on a lane; a part that was not committed is done again.
 */
export async function advanceRun(tx: Tx, id: number, size = runBatch): Promise<boolean> {
  const run = await readRun(tx, id)
  if (run.state === 'issuing') return issueSome(tx, await lockRun(tx, id), size)
  if (run.state !== 'previewing' && run.state !== 'running') return false
  const lane = await takeLane(tx, id)
  if (!lane) return (await allLanesDone(tx, id)) ? endLanes(tx, id) : true
  const members = await nextMembers(tx, run, lane, size)
  if (members.length > 0) await (run.state === 'previewing' ? proposeOrSetAside(tx, run, members) : billOrSetAside(tx, run, members))
  await moveLane(tx, id, lane, members, members.length < size)
  return true
}

/** Every member was looked at: the run goes on to its next state, once. True when there is more to do in it. */
async function endLanes(tx: Tx, id: number): Promise<boolean> {
  const run = await lockRun(tx, id)
  if (run.state !== 'previewing' && run.state !== 'running') return run.state === 'issuing'
  const next: RunState = run.state === 'previewing' ? 'preview' : run.issues ? 'issuing' : 'done'
  await enter(tx, id, next)
  return next === 'issuing'
}

/** The members of a lane that a run has not looked at, in the order of their ids. */
async function nextMembers(tx: Tx, { id, date, previewed, state }: Run, { after, to }: Lane, size: number): Promise<readonly number[]> {
  const { rows } = await tx.execute<{ id: number }>(
    previewed && state === 'running'
      ? sql`SELECT member_id AS id FROM billing_run_member WHERE run_id = ${id} AND state = 'proposed' AND member_id > ${after} AND (${to}::bigint IS NULL OR member_id <= ${to}) ORDER BY member_id LIMIT ${size}`
      : sql`SELECT DISTINCT member_id AS id FROM billing_state WHERE (recheck OR next_on <= ${date}::date) AND member_id > ${after} AND (${to}::bigint IS NULL OR member_id <= ${to}) ORDER BY member_id LIMIT ${size}`,
  )
  return rows.map(row => row.id)
}

async function issueSome(tx: Tx, { id, state }: Run, size: number): Promise<boolean> {
  if (state !== 'issuing') return false
  // a draft that was changed by hand so that it cannot be issued stays one
  const { rows } = await tx.execute<{ id: number }>(sql`
    SELECT id FROM invoice WHERE run_id = ${id} AND state = 'draft' AND (CASE WHEN kind = 'credit_note' THEN total <= 0 ELSE total >= 0 END)
      AND EXISTS (SELECT FROM invoice_line l WHERE l.invoice_id = invoice.id) ORDER BY id LIMIT ${size} FOR UPDATE`)
  await issueInvoices(
    tx,
    rows.map(row => row.id),
  )
  if (rows.length === size) return true
  await enter(tx, id, 'done')
  return false
}

/**
 * Has a preview applied: exactly what it shows; who is no longer as shown is set aside, and shown again. `shown`: the `shownToken` of what
 * somebody has seen; a `conflict` when the run was worked out again since.
 */
export async function applyPreview(tx: Tx, id: number, issues: boolean, shown?: string): Promise<void> {
  const run = await lockRun(tx, id)
  if (run.state !== 'preview') throw new CoinError('refused', 'This run was applied or dropped already.')
  if (shown !== undefined && shownToken(await findRun(tx, id)) !== shown)
    throw new CoinError('conflict', 'The run was worked out again meanwhile.', { hint: 'Look at it as it is now.' })
  const members = await layLanes(tx, id, sql`SELECT member_id FROM billing_run_member WHERE run_id = ${id} AND state = 'proposed'`)
  await tx.execute(sql`UPDATE billing_run SET state = 'running', issues = ${issues}, members = ${members} WHERE id = ${id}`)
  await keepGoing(tx, id)
}

/** Drops a preview: nothing is billed. */
export async function dropPreview(tx: Tx, id: number): Promise<void> {
  const run = await lockRun(tx, id)
  if (run.state !== 'preview' && run.state !== 'previewing') throw new CoinError('refused', 'This run was applied or dropped already.')
  await enter(tx, id, 'dropped')
}

/** Stops a run after the part that is under way. What is billed stays billed. */
export async function stopRun(tx: Tx, id: number): Promise<void> {
  const run = await lockRun(tx, id)
  if (run.state !== 'running' && run.state !== 'issuing') throw new CoinError('refused', 'This run has ended already.')
  await enter(tx, id, 'stopped')
}

/** Has the drafts that a run made issued. */
export async function issueDrafts(tx: Tx, id: number): Promise<void> {
  const run = await lockRun(tx, id)
  if (run.state !== 'done') throw new CoinError('refused', 'Wait until the run has ended, or stop it.')
  await tx.execute(sql`UPDATE billing_run SET state = 'issuing', issues = true, finished_at = NULL WHERE id = ${id}`)
  await keepGoing(tx, id)
}

/** Goes on with a run that was stopped. */
export async function resumeRun(tx: Tx, id: number): Promise<void> {
  const run = await lockRun(tx, id)
  if (run.state !== 'stopped') throw new CoinError('refused', 'This run was not stopped.')
  await tx.execute(sql`UPDATE billing_run SET state = 'running', finished_at = NULL WHERE id = ${id}`)
  await keepGoing(tx, id)
}

/**
 * Tries those again who were set aside: who failed, and who was no longer as shown, whose new lines were shown since; or only those of one
 * kind. Returns how many.
 */
export async function retrySetAside(
  tx: Tx,
  id: number,
  states: readonly ('failed' | 'changed')[] = ['failed', 'changed'],
): Promise<number> {
  const run = await lockRun(tx, id)
  if (run.state !== 'done' && run.state !== 'preview') throw new CoinError('refused', 'Wait until the run has ended, or stop it.')
  const { rows } = await tx.execute<{ id: number; state: string }>(sql`
    SELECT member_id AS id, state FROM billing_run_member WHERE run_id = ${id} AND state = ANY (${sql.param(states)}::text[]) ORDER BY member_id LIMIT ${runBatch}`)
  const ids = rows.map(row => row.id)
  if (ids.length === 0) return 0
  await (run.state === 'preview'
    ? proposeOrSetAside(tx, run, ids)
    : billOrSetAside(tx, { ...run, previewed: run.previewed && rows.some(row => row.state === 'changed') }, ids))
  if (run.state === 'done' && run.issues) {
    await tx.execute(sql`UPDATE billing_run SET state = 'issuing' WHERE id = ${id}`)
    await keepGoing(tx, id)
  }
  return ids.length
}

const lockRun = (tx: Tx, id: number): Promise<Run> => readRun(tx, id, sql`FOR UPDATE`)

async function readRun(tx: Tx, id: number, lock = sql``): Promise<Run> {
  const { rows } = await tx.execute<Run>(sql`SELECT id, date, state, previewed, issues FROM billing_run WHERE id = ${id} ${lock}`)
  if (!rows[0]) throw new CoinError('not_found', 'This run is not there.')
  return rows[0]
}

const enter = (tx: Tx, id: number, state: RunState) =>
  tx.execute(
    sql`UPDATE billing_run SET state = ${state}, finished_at = CASE WHEN ${state} IN ('done', 'dropped', 'stopped') THEN clock_timestamp() END WHERE id = ${id}`,
  )

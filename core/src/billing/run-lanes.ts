import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** How many parts of a run are worked on at once: as many lanes as a small machine's processors serve. */
export const lanes = 2

/** A part of the members of a run, as who works on it holds it. */
export interface Lane {
  readonly lane: number
  readonly after: number
  /** Null when it has no end. */
  readonly to: number | null
}

/** Shares the members of a run out to lanes, each a range of ids; `members` selects their `member_id`. Returns how many there are. */
export async function layLanes(tx: Tx, runId: number, members: SQL): Promise<number> {
  await tx.execute(sql`DELETE FROM billing_run_lane WHERE run_id = ${runId}`)
  // the last one has no end: whoever is added meanwhile is billed too
  const { rows } = await tx.execute<{ count: number }>(sql`
    WITH share AS (SELECT member_id, ntile(${lanes}) OVER (ORDER BY member_id) AS lane FROM (${members}) m),
      bounds AS (SELECT lane, max(member_id) AS last, count(*)::int AS members FROM share GROUP BY lane),
      laid AS (INSERT INTO billing_run_lane (run_id, lane, after_member, to_member)
        SELECT ${runId}, lane, coalesce(lag(last) OVER (ORDER BY lane), 0), CASE WHEN lead(lane) OVER (ORDER BY lane) IS NOT NULL THEN last END FROM bounds)
    SELECT coalesce(sum(members), 0)::int AS count FROM bounds`)
  return rows[0]?.count ?? 0
}

/** Takes a lane that nobody works on and that is not done. */
export async function takeLane(tx: Tx, runId: number): Promise<Lane | undefined> {
  const { rows } = await tx.execute<Lane & Record<string, unknown>>(sql`
    SELECT lane, after_member AS after, to_member AS to FROM billing_run_lane WHERE run_id = ${runId} AND NOT done ORDER BY lane LIMIT 1 FOR UPDATE SKIP LOCKED`)
  return rows[0]
}

/** What was done in a lane; without members it is done. */
export async function moveLane(tx: Tx, runId: number, { lane }: Lane, members: readonly number[], done: boolean): Promise<void> {
  await tx.execute(sql`
    UPDATE billing_run_lane SET after_member = greatest(after_member, ${members.at(-1) ?? 0}), looked = looked + ${members.length}, done = ${done}
    WHERE run_id = ${runId} AND lane = ${lane}`)
}

/** Waits for those who work on lanes, and says whether all are done. */
export async function allLanesDone(tx: Tx, runId: number): Promise<boolean> {
  const { rows } = await tx.execute<{ done: boolean }>(
    sql`SELECT done FROM billing_run_lane WHERE run_id = ${runId} ORDER BY lane FOR UPDATE`,
  )
  return rows.every(({ done }) => done)
}

import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'

/** What has to be settled before a member can be forgotten. */
export type Obstacle = 'subscription' | 'debt' | 'credit' | 'draft' | 'collection' | 'staff'

/** A member's wish to be forgotten, and what came of it. */
export interface Erasure extends Record<string, unknown> {
  readonly id: number
  readonly memberId: number
  /** As it is now: after the erasure no name any more. */
  readonly memberName: string
  readonly state: 'asked' | 'withdrawn' | 'refused' | 'done'
  /** ISO 8601. */
  readonly askedAt: string
  readonly byStaff: boolean
  readonly reason: string
  readonly decidedAt: string | null
  readonly obstacles: readonly Obstacle[]
}

/** What was erased of one kind of data, and until when the rest of it is kept. */
export interface ErasedPart extends Record<string, unknown> {
  readonly name: string
  readonly erased: number
  /** ISO, `infinity`, or null when nothing is left. */
  readonly keptUntil: string | null
}

const columns = sql`r.id, r.member_id AS "memberId", m.display_name AS "memberName", r.state, to_json(r.asked_at) #>> '{}' AS "askedAt", r.by_staff AS "byStaff",
  r.reason, to_json(r.decided_at) #>> '{}' AS "decidedAt", CASE WHEN r.state = 'asked' THEN to_jsonb(erasure_obstacles(r.member_id)) ELSE '[]' END AS obstacles`

/** The requests that wait for somebody first, the oldest of them first; then the others, the last decided first. */
export async function erasures(tx: Tx, limit = 200): Promise<readonly Erasure[]> {
  const { rows } = await tx.execute<Erasure>(sql`
    SELECT ${columns} FROM erasure_request r JOIN member m ON m.id = r.member_id
    ORDER BY r.state <> 'asked', CASE WHEN r.state = 'asked' THEN r.asked_at END, r.decided_at DESC, r.id LIMIT ${limit}`)
  return rows
}

/** One request. */
export async function erasureOf(tx: Tx, id: number): Promise<Erasure | undefined> {
  const { rows } = await tx.execute<Erasure>(
    sql`SELECT ${columns} FROM erasure_request r JOIN member m ON m.id = r.member_id WHERE r.id = ${id}`,
  )
  return rows[0]
}

/** The last request of a member. */
export async function lastErasure(tx: Tx, memberId: number): Promise<Erasure | undefined> {
  const { rows } = await tx.execute<Erasure>(sql`
    SELECT ${columns} FROM erasure_request r JOIN member m ON m.id = r.member_id WHERE r.member_id = ${memberId} ORDER BY r.id DESC LIMIT 1`)
  return rows[0]
}

/** What was erased, and what is kept. */
export async function erasedParts(tx: Tx, id: number): Promise<readonly ErasedPart[]> {
  const { rows } = await tx.execute<ErasedPart>(
    sql`SELECT name, erased, kept_until::text AS "keptUntil" FROM erasure_part WHERE request_id = ${id} ORDER BY name`,
  )
  return rows
}

/** What stands in the way for a member, now. */
export async function obstaclesFor(tx: Tx, memberId: number): Promise<readonly Obstacle[]> {
  const { rows } = await tx.execute<{ obstacles: readonly Obstacle[] }>(
    sql`SELECT to_jsonb(erasure_obstacles(m.id)) AS obstacles FROM member m WHERE m.id = ${memberId}`,
  )
  return rows[0]?.obstacles ?? []
}

/** Asks for a member to be forgotten. Asking twice is asking once. */
export async function askForErasure(tx: Tx, memberId: number, byStaff: boolean): Promise<number> {
  const { rows } = await tx.execute<{ id: number }>(sql`
    INSERT INTO erasure_request (member_id, by_staff) VALUES (${memberId}, ${byStaff})
    ON CONFLICT (member_id) WHERE state = 'asked' DO UPDATE SET member_id = erasure_request.member_id RETURNING id`)
  return rows[0]?.id ?? 0
}

/** Takes a request back that was not decided yet. */
export async function withdrawErasure(tx: Tx, memberId: number): Promise<void> {
  const { rowCount } = await tx.execute(
    sql`UPDATE erasure_request SET state = 'withdrawn', decided_at = now() WHERE member_id = ${memberId} AND state = 'asked'`,
  )
  if (rowCount === 0) throw new CoinError('conflict', 'This request has been decided already.', { hint: 'Look at it again.' })
}

/** Locks a request that is still to be decided, in the version that was shown. */
export async function lockErasure(tx: Tx, id: number): Promise<{ readonly memberId: number }> {
  const { rows } = await tx.execute<{ memberId: number; state: string }>(
    sql`SELECT member_id AS "memberId", state FROM erasure_request WHERE id = ${id} FOR UPDATE`,
  )
  const found = rows[0]
  if (!found) throw new CoinError('not_found', 'There is no such request.')
  if (found.state !== 'asked') throw new CoinError('conflict', 'This request has been decided already.', { hint: 'Look at it again.' })
  return found
}

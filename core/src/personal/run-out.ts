import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { writeParts } from './carry-out.ts'
import { forget } from './forget.ts'

/** What one kind of data lost because its term had come. */
export interface RunOut extends Record<string, unknown> {
  readonly name: string
  /** Members who were concerned. */
  readonly members: number
  readonly erased: number
}

/** Members looked at in one transaction at most. */
export const most = 20

/**
 * Erases what was kept of forgotten members and has reached its term. Each member is looked at until nothing is due: called again, it goes on
 * where it was. With `dryRun` it only counts.
 */
export async function eraseWhatRanOut(tx: Tx, dryRun = false): Promise<readonly RunOut[]> {
  await forgetLastMails(tx, dryRun)
  // of an app that was removed nothing is known any more; its tables wait for it
  const known = currentScope().registry.personalData.map(({ data }) => data.name)
  const due = await tx.execute<{ id: number; memberId: number; names: readonly string[] }>(sql`
    SELECT r.id, r.member_id AS "memberId", jsonb_agg(p.name) AS names FROM erasure_part p JOIN erasure_request r ON r.id = p.request_id
    WHERE p.kept_until < coin.today() AND r.state = 'done' AND p.name = ANY (${sql.param(known)}::text[]) GROUP BY r.id ORDER BY r.id LIMIT ${dryRun ? null : most}`)
  const counts = new Map<string, RunOut>()
  for (const { id, memberId, names } of due.rows) {
    const done = dryRun ? [] : await forget(tx, memberId)
    await writeParts(tx, id, done)
    for (const name of names) {
      const { members, erased } = counts.get(name) ?? { members: 0, erased: 0 }
      counts.set(name, { name, members: members + 1, erased: erased + (done.find(part => part.name === name)?.erased ?? 0) })
    }
  }
  return [...counts.values()]
}

/** The mail that told the end, and to whom, goes when it was sent; one that nobody takes goes after a month. */
async function forgetLastMails(tx: Tx, dryRun: boolean): Promise<void> {
  if (dryRun) return
  await tx.execute(sql`
    DELETE FROM coin.mail m USING erasure_request r WHERE m.about_kind = 'erasure' AND m.about_id = r.id AND r.state = 'done'
      AND (m.sent_at IS NOT NULL OR m.created_at < now() - interval '30 days')`)
}

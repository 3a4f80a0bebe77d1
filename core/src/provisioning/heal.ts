import { sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import { removeOrphans, wake } from './ask.ts'
import { careOf } from './backends.ts'
import { type Counts, endSweep, type Sweep } from './sweep-state.ts'

/** Ends a sweep: has put right what it may, or asks, when that would remove much or the target is empty. */
export async function healSweep(tx: Tx, registry: Registry, sweep: Sweep, counts: Counts): Promise<void> {
  const question = questionOf(registry, sweep, counts, sweep.confirmed ? await agreedRemovals(tx, sweep) : undefined)
  if (question) return endSweep(tx, sweep, counts, { status: 'asks', message: question })
  if (sweep.heal === 'none') return endSweep(tx, sweep, counts, { status: 'done' })
  const drifted = await tx.execute(sql`
    WITH chosen AS (SELECT configuration_id FROM provisioning_state WHERE backend = ${sweep.backend} AND state = 'drifted' AND due_at IS NULL ORDER BY configuration_id FOR UPDATE)
    UPDATE provisioning_state s SET due_at = now(), asked = asked + 1 FROM chosen c WHERE s.backend = ${sweep.backend} AND s.configuration_id = c.configuration_id`)
  let removed = 0
  if (sweep.heal === 'all') {
    const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM provisioning_orphan WHERE backend = ${sweep.backend}`)
    removed = await removeOrphans(
      tx,
      rows.map(({ id }) => Number(id)),
    )
  }
  await wake(tx)
  await endSweep(tx, sweep, counts, { status: 'done', healed: (drifted.rowCount ?? 0) + removed })
}

const removalsOf = ({ heal }: Pick<Sweep, 'heal'>, { unwanted, orphaned }: Pick<Counts, 'unwanted' | 'orphaned'>) =>
  unwanted + (heal === 'all' ? orphaned : 0)

/** How many removals the comparison that asked before has shown: who agreed to those has not agreed to more. Undefined when none asked. */
async function agreedRemovals(tx: Tx, sweep: Sweep): Promise<number | undefined> {
  const { rows } = await tx.execute<Pick<Counts, 'unwanted' | 'orphaned'> & { status: string } & Record<string, unknown>>(
    sql`SELECT status, unwanted, orphaned FROM provisioning_sweep WHERE backend = ${sweep.backend} AND id < ${sweep.id} ORDER BY id DESC LIMIT 1`,
  )
  return rows[0]?.status === 'asks' ? removalsOf(sweep, rows[0]) : undefined
}

/** Why a person should look before anything is put right; undefined when there is no reason. */
function questionOf(registry: Registry, sweep: Sweep, counts: Counts, agreed: number | undefined): string | undefined {
  const { removeShare } = careOf(registry, sweep.backend)
  if (!sweep.confirmed && counts.listed === 0 && counts.missing > 0)
    return `The target is empty, though ${counts.missing} configurations should be there. Is it the right one, and may Coin read it?`
  if (sweep.heal === 'none') return undefined
  const removals = removalsOf(sweep, counts)
  if (sweep.confirmed && removals <= (agreed ?? removals)) return undefined
  if (removals > removeShare * counts.listed)
    return `This would remove ${removals} of the ${counts.listed} entries that are there, more than ${Math.round(removeShare * 1000) / 10} %.`
  return undefined
}

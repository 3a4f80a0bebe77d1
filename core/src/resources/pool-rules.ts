import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { invalid } from '../errors.ts'
import { contains, readPrefix } from '../ui/space.ts'
import { parsePrefix } from './rules.ts'

/** The prefixes of a text, one a line or separated by commas; refuses what is none, naming it. */
export function splitPrefixes(text: string): string[] {
  const prefixes = text.split(/[\s,;]+/).filter(Boolean)
  if (prefixes.length === 0) throw invalid('prefixes', 'Give at least one prefix, such as 198.51.100.0/24.')
  return prefixes.map(prefix => parsePrefix(prefix, 'prefixes'))
}

/**
 * Makes these the pool's prefixes. One that grew or shrank is changed in place, so that what was given from it stays; one that is
 * missing is removed. The database refuses to cut off what is taken.
 */
export async function changePrefixes(tx: Tx, poolId: number, wanted: readonly string[]): Promise<void> {
  const { rows: present } = await tx.execute<{ id: number; prefix: string }>(
    sql`SELECT id, prefix FROM ip_pool_prefix WHERE pool_id = ${poolId} ORDER BY prefix FOR UPDATE`,
  )
  const missing = present.filter(({ prefix }) => !wanted.includes(prefix))
  const added = wanted.filter(prefix => !present.some(row => row.prefix === prefix))
  for (const { id, prefix } of missing) {
    const at = added.findIndex(other => overlap(prefix, other))
    if (at < 0) await tx.execute(sql`DELETE FROM ip_pool_prefix WHERE id = ${id}`)
    else await tx.execute(sql`UPDATE ip_pool_prefix SET prefix = ${added.splice(at, 1)[0]}::cidr WHERE id = ${id}`)
  }
  for (const prefix of added) await tx.execute(sql`INSERT INTO ip_pool_prefix (pool_id, prefix) VALUES (${poolId}, ${prefix}::cidr)`)
}

const overlap = (a: string, b: string) => contains(readPrefix(a), readPrefix(b)) || contains(readPrefix(b), readPrefix(a))

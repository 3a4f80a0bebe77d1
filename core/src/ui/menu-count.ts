import { type SQL, sql } from 'drizzle-orm'
import { rightsKey } from '../app/rights.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'

/** How many things need a person: a number that is on its way, or the scalar query that says it, asked together with the others. */
export type MenuCount = () => Promise<number> | SQL

type Numbers = ReadonlyMap<MenuCount, Promise<number>>
interface Kept {
  readonly counts: readonly MenuCount[]
  readonly numbers: Numbers
  readonly at: number
}

const known = new WeakMap<Tx, Map<string, Kept>>()
/** For how long pages show somebody the same numbers, in milliseconds. Right after something was done, they are counted anew. */
const goodFor = 2_000
/** Of how many people the numbers are kept. */
const most = 200

/** The numbers of a menu: one statement for all that are queries. What cannot be counted is not worth losing the page for. */
export function countTogether(counts: readonly MenuCount[]): Numbers {
  const { actor, db, exact, flash } = currentScope()
  const kept = known.get(db) ?? new Map<string, Kept>()
  known.set(db, kept)
  const key = `${actor.userId} ${actor.memberId} ${rightsKey(actor)}`
  const found = kept.get(key)
  const good = found && !exact && !flash && performance.now() - found.at < goodFor
  if (good && found.counts.length === counts.length && found.counts.every((count, index) => count === counts[index])) return found.numbers
  const numbers = countNow(counts, db)
  if (kept.size >= most) kept.clear()
  kept.set(key, { counts, numbers, at: performance.now() })
  return numbers
}

function countNow(counts: readonly MenuCount[], db: Tx): Numbers {
  const asked = counts.map(count => [count, count()] as const)
  const queries = asked.flatMap(([count, answer]) => (answer instanceof Promise ? [] : [[count, answer] as const]))
  const queried = queries.map(([, query]) => query)
  const together = queried.length > 0 ? countAll(queried, db) : Promise.resolve([])
  const answers = [
    ...asked.flatMap(([count, answer]) => (answer instanceof Promise ? [[count, answer] as const] : [])),
    ...queries.map(([count], index) => [count, together.then(numbers => numbers[index] ?? 0)] as const),
  ]
  return new Map(answers.map(([count, answer]) => [count, answer.catch(() => 0)]))
}

async function countAll(queries: readonly SQL[], db: Tx): Promise<readonly number[]> {
  const columns = queries.map((query, index) => sql`(${query})::int AS ${sql.identifier(`count${index}`)}`)
  const { rows } = await executePrepared<Record<string, number>>(db, sql`SELECT ${sql.join(columns, sql`, `)}`)
  return queries.map((_, index) => rows[0]?.[`count${index}`] ?? 0)
}

import { type SQL, sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import { executePrepared } from '../db/prepared.ts'

/** How many things need a person: a number that is on its way, or the scalar query that says it, asked together with the others. */
export type MenuCount = () => Promise<number> | SQL

/** The numbers of a menu: one statement for all that are queries. What cannot be counted is not worth losing the page for. */
export function countTogether(counts: readonly MenuCount[]): ReadonlyMap<MenuCount, Promise<number>> {
  const asked = counts.map(count => [count, count()] as const)
  const queries = asked.flatMap(([count, answer]) => (answer instanceof Promise ? [] : [[count, answer] as const]))
  const together = queries.length > 0 ? countAll(queries.map(([, query]) => query)) : Promise.resolve([])
  const answers = [
    ...asked.flatMap(([count, answer]) => (answer instanceof Promise ? [[count, answer] as const] : [])),
    ...queries.map(([count], index) => [count, together.then(numbers => numbers[index] ?? 0)] as const),
  ]
  return new Map(answers.map(([count, answer]) => [count, answer.catch(() => 0)]))
}

async function countAll(queries: readonly SQL[]): Promise<readonly number[]> {
  const columns = queries.map((query, index) => sql`(${query})::int AS ${sql.identifier(`count${index}`)}`)
  const { rows } = await executePrepared<Record<string, number>>(currentScope().db, sql`SELECT ${sql.join(columns, sql`, `)}`)
  return queries.map((_, index) => rows[0]?.[`count${index}`] ?? 0)
}

import { type SQL, sql } from 'drizzle-orm'

/**
 * Rows as a table of a statement, one array per column: `unnest($1::bigint[], …) AS alias (id, …)`. `columns` gives each column its type in
 * PostgreSQL, in order; a row has its values under the same names.
 */
export function tableOf<C extends string>(
  alias: string,
  columns: Readonly<Record<C, string>>,
  rows: readonly Readonly<Record<NoInfer<C>, string | number | boolean | null>>[],
): SQL {
  const names = Object.keys(columns) as C[]
  const arrays = names.map(name => sql`${arrayOf(rows, name, columns[name])}::${sql.raw(columns[name])}[]`)
  return sql`unnest(${sql.join(arrays, sql`, `)}) AS ${sql.identifier(alias)} (${sql.join(
    names.map(name => sql.identifier(name)),
    sql`, `,
  )})`
}

/** Texts are left to the driver, which escapes them; numbers and days need none, which counts with many rows. */
function arrayOf<C extends string>(rows: readonly Readonly<Record<C, string | number | boolean | null>>[], name: C, type: string) {
  if (type === 'text' || type === 'jsonb') return sql.param(rows.map(row => row[name]))
  return sql.param(`{${rows.map(row => row[name] ?? 'NULL').join(',')}}`)
}

import { type SQL, sql } from 'drizzle-orm'
import { keyColumns, visibleTo } from '../admin/find.ts'
import type { Hit } from '../app/finder.ts'
import type { Html } from '../app/html.ts'
import type { AnyResource, ListColumn, Row } from '../app/resource.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { plainText } from '../cli/output.ts'
import type { Tx } from '../db/database.ts'

interface Wanted {
  readonly where: SQL
  /** What was typed, by which the best come first; what equals it is exact. */
  readonly text?: string
  /** Every row is exactly what was typed. */
  readonly exact?: boolean
}

/** More rows than these are not put in order: what matches so much tells nothing. */
const atMost = 1000

/** The rows of a resource that match and that the actor may see, as the resource itself names and describes them. One statement. */
export async function rowHits(name: string, tx: Tx, limit: number, { where, text = '', exact = false }: Wanted): Promise<Hit[]> {
  const { registry, actor } = currentScope()
  const found = registry.resources.get(name)
  if (!found) return []
  const { app, resource } = found
  const list = resource.listFor?.('', registry) ?? resource.list
  const early = list.columns.filter(({ late, key }) => !late && key !== 'id')
  const [first] = early
  const known = ['hit_label', ...Object.keys(list.hidden ?? {}), ...early.flatMap(({ key }) => (key in resource.fields ? [key] : []))]
  const state = list.columns.find(({ key }) => key === 'state' || key === 'status')
  const named = [
    ...early.map(column => [column.key, column.sql] as const),
    ...Object.entries(list.hidden ?? {}),
    ['hit_label', list.choice ?? first?.sql ?? sql`''`] as const,
  ].map(([key, value]) => sql`${value} AS ${sql.identifier(key)}`)
  const { rows } = await tx.execute<Row & Record<string, unknown>>(sql`
    SELECT "row".* ${state?.late ? sql`, ${state.sql} AS ${sql.identifier(state.key)}` : sql``} FROM (
      SELECT * FROM (SELECT ${keyColumns(resource.table).id} AS id, ${sql.join(named, sql`, `)} FROM ${list.from}
        WHERE (${visibleTo(resource, actor)}) AND (${where}) LIMIT ${atMost}) AS matching
      ORDER BY coin.fold(hit_label::text) = coin.fold(${text}) DESC, starts_with(coin.fold(hit_label::text), coin.fold(${text})) DESC, hit_label, id
      LIMIT ${limit}) AS "row"`)
  const whole = rows.length > 0 && list.complete ? await list.complete(rows, tx) : rows
  return Promise.all(whole.map(row => withinScope({ app }, () => hitOf(resource, row, state, exact || equals(row, text, known)))))
}

async function hitOf(resource: AnyResource, row: Row, state: ListColumn | undefined, exact: boolean): Promise<Hit> {
  const list = resource.list
  const shown = state?.render?.(row[state.key], row)
  const label = String(row.described ?? row.hit_label ?? `#${row.id}`)
  const sub = list.sub
    ? await plain(list.sub(row))
    : textOf(
        row,
        list.columns.find(({ late, key }, index) => index > 0 && !late && key !== state?.key),
      )
  return {
    label,
    // what the name says already is not said again
    sub: sub && !label.includes(sub) ? sub : undefined,
    path: `/admin/${resource.plural}/${row.id}`,
    ...(shown !== undefined && typeof shown !== 'string' && { state: shown as Html }),
    exact,
  }
}

/** Whether the text is the name of a row, or what a person knows it by besides. */
const equals = (row: Row, text: string, known: readonly string[]): boolean =>
  text !== '' && known.some(key => typeof row[key] === 'string' && folded(String(row[key])) === folded(text))

const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** What a column without a form of its own says. */
const textOf = (row: Row, column: ListColumn | undefined) =>
  column && !column.render && typeof row[column.key] === 'string' ? String(row[column.key]) : undefined

const plain = async (content: Html | string) => (typeof content === 'string' ? content : plainText(String(await content)))

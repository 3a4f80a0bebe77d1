import { getTableColumns, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Inline, Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import type { FieldError } from '../errors.ts'
import { type SettledField, settleFields } from './fields.ts'
import { idIn, keyColumns, loadRow, visibleTo } from './find.ts'
import { readForm } from './form.tsx'
import { parseInput, type Raw } from './parse-input.ts'
import { can } from './write.ts'

/** More rows than these are edited one by one. */
export const mostLines = 50

/** One row, or an empty one, in the form of the row that it belongs to. */
export interface Line {
  readonly app: string
  readonly child: AnyResource
  /** The child's field that names the row it belongs to. */
  readonly field: string
  /** What the names of its inputs begin with. */
  readonly prefix: string
  /** Undefined for a new one. */
  readonly row: Row | undefined
  readonly fields: readonly SettledField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly version: number | undefined
  readonly removed: boolean
}

/** A line that was understood: what to do with its row. */
export interface ParsedLine extends Line {
  readonly parsed: Readonly<Record<string, unknown>>
}

interface Known {
  readonly app: string
  readonly child: AnyResource
  readonly inline: Inline
}

/** The kinds of rows that the form of `resource` edits with it, as far as whoever asks may. */
const inlinesOf = (registry: Registry, { inlines = [] }: AnyResource): Known[] =>
  inlines.flatMap(inline => {
    const known = registry.resources.get(inline.resource)
    const { actor } = currentScope()
    if (!known || !may(actor, `${inline.resource}.view`)) return []
    const child = known.resource
    return can(child, 'add', actor) || can(child, 'change', actor) ? [{ app: known.app, child, inline }] : []
  })

/** The lines of a form as it is opened: the rows that there are, and some empty ones. Of more than fit none is shown. */
export async function openLines(registry: Registry, tx: Tx, resource: AnyResource, id: number | undefined): Promise<Line[]> {
  const lines: Line[] = []
  for (const known of inlinesOf(registry, resource)) {
    const rows = id === undefined ? [] : await rowsOf(known, id, tx)
    if (rows.length > mostLines) continue
    const { empty = 2 } = known.inline
    const all = [...rows, ...(can(known.child, 'add', currentScope().actor) ? Array.from({ length: empty }, () => undefined) : [])]
    lines.push(...all.map((row, index) => lineOf(known, index, row)))
  }
  return lines
}

async function rowsOf({ child, inline }: Known, id: number, tx: Tx): Promise<Row[]> {
  const { actor } = currentScope()
  const { id: key } = keyColumns(child.table)
  const found = await tx
    .select({ id: key })
    .from(child.table)
    .where(
      sql`${getTableColumns(child.table)[inline.field]} = ${id} AND ${visibleTo(child, actor)} AND ${visibleTo(child, actor, 'change')}`,
    )
    .orderBy(key)
    .limit(mostLines + 1)
  const ids = found.map(row => Number(row.id))
  if (child.loadMany) return [...(await child.loadMany(ids, tx))]
  if (child.load) return (await Promise.all(ids.map(one => child.load?.(one, tx)))).filter(row => row !== undefined)
  // the table has an id, checked by keyColumns
  return (await tx
    .select(getTableColumns(child.table))
    .from(child.table)
    .where(sql`${key} = ANY (${sql.param(ids)}::bigint[])`)
    .orderBy(key)) as Row[]
}

function lineOf({ app, child, inline }: Known, index: number, row: Row | undefined): Line {
  const prefix = `${child.plural}-${index}-`
  const fields = fieldsOf(child, inline, prefix, row ? 'change' : 'add')
  const values = fields.map(({ name, column }) => [
    name,
    row ? row[name.slice(prefix.length)] : typeof column?.default === 'object' ? undefined : column?.default,
  ])
  const version = typeof row?.version === 'number' ? row.version : undefined
  return { app, child, field: inline.field, prefix, row, fields, values: Object.fromEntries(values), version, removed: false }
}

const fieldsOf = (child: AnyResource, { field, fields }: Inline, prefix: string, mode: 'add' | 'change'): SettledField[] =>
  settleFields(
    child.table,
    child.fields,
    child[mode].filter(name => name !== field && (fields?.includes(name) ?? true)),
  ).map(settled => ({ ...settled, name: prefix + settled.name }))

/** The lines of a form that was sent, as they were typed. A row that somebody else removed meanwhile is left out. */
export async function readLines(c: Context, registry: Registry, tx: Tx, resource: AnyResource): Promise<Line[]> {
  const body = await c.req.parseBody()
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '')
  const lines: Line[] = []
  for (const known of inlinesOf(registry, resource)) {
    for (let index = 0; index < mostLines + 10 && text(`${known.child.plural}-${index}-line`) !== ''; index++) {
      const id = idIn(text(`${known.child.plural}-${index}-id`))
      const row = id === undefined ? undefined : await loadRow(known.child, id, tx)
      if (id !== undefined && !row) continue
      const line = lineOf(known, index, row)
      const version = Number(text(`${line.prefix}version`))
      lines.push({
        ...line,
        values: await readForm(c, line.fields),
        version: Number.isSafeInteger(version) && version > 0 ? version : undefined,
        removed: text(`${line.prefix}removed`) === 'true',
      })
    }
  }
  return lines
}

/** Understands what was typed; empty lines are no lines. All errors at once, under the names of the inputs. */
export async function parseLines(
  registry: Registry,
  tx: Tx,
  parent: number | undefined,
  lines: readonly Line[],
): Promise<{ readonly parsed: readonly ParsedLine[]; readonly errors: readonly FieldError[] }> {
  const parsed: ParsedLine[] = []
  const errors: FieldError[] = []
  for (const line of lines) {
    if (!line.row && (line.removed || isEmpty(line))) continue
    // a form that was tampered with does not reach rows of something else
    if (line.row && Number(line.row[line.field]) !== parent) continue
    const stored = Object.fromEntries(line.fields.map(({ name }) => [name, line.row?.[name.slice(line.prefix.length)]]))
    // readForm has given texts
    const result = line.removed
      ? ({ ok: true, values: {} } as const)
      : await parseInput(registry, tx, line.fields, line.values as Raw, line.row ? 'change' : 'add', stored)
    if (result.ok) parsed.push({ ...line, parsed: unprefixed(result.values, line.prefix) })
    else errors.push(...result.errors)
  }
  return { parsed, errors }
}

const unprefixed = (values: Readonly<Record<string, unknown>>, prefix: string) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name.slice(prefix.length), value]))

/** Whether nothing was typed that was not there when the form was opened. */
const isEmpty = ({ fields, values }: Line) =>
  fields.every(({ name, kind, column }) => {
    const given = typeof column?.default === 'object' || column?.default === undefined ? '' : String(column.default)
    const typed = String(values[name] ?? '').trim()
    if (kind === 'boolean') return ['true', 'on'].includes(typed) === (given === 'true')
    return typed === '' || typed === given
  })

/** How a line is called: its row, or that it is a new one. */
export const lineName = ({ child, row }: Line): string =>
  row ? child.describe(row) : child.labelNew ? t(child.labelNew) : t('Add: {{kind}}', { kind: t(child.label) })

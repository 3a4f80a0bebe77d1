import { type Column, getTableColumns, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Field } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { formatDate, formatDateTime, formatMoney } from '../ui/format.ts'
import { humanise, type SettledField, settleFields } from './fields.ts'
import { labelsOf } from './list.ts'

/** A change as the database kept it. */
export interface HistoryEntry {
  readonly id: number
  readonly at: string
  readonly actor: string
  readonly op: 'added' | 'changed' | 'removed'
  /** By column, in the database's words: before, after. A secret has neither. */
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>
}

/** A change in words. */
export interface ToldEntry {
  readonly id: number
  readonly at: string
  readonly actor: string
  readonly op: HistoryEntry['op']
  readonly changes: readonly {
    readonly label: string
    readonly before: string
    readonly after: string
    readonly secret: boolean
    readonly erased?: boolean
  }[]
}

/** What happened to a row, newest first. Several tables when a row is kept in several, as a configuration is. */
export async function readHistory(tx: Tx, tables: readonly string[], id: number, limit = 200): Promise<HistoryEntry[]> {
  const { rows } = await tx.execute<HistoryEntry & Record<string, unknown>>(sql`
    SELECT id, at, coalesce(actor ->> 'label', '') AS actor, op, changes FROM coin.history
    WHERE table_name = ANY (${sql.param([...tables])}::text[]) AND row_id = ${id} ORDER BY id DESC LIMIT ${limit}`)
  const entries = rows.map(({ id, at, actor, op, changes }) => ({ id: Number(id), at: new Date(at).toISOString(), actor, op, changes }))
  return tables.length > 1 ? joined(entries) : entries
}

/** The tables whose history is that of a resource's rows. */
export const historyTablesOf = (resource: AnyResource): readonly string[] => [resource.tableName, ...(resource.historyTables ?? [])]

/** The last changes of a row: those since an earlier version. */
export const changesSince = async (tx: Tx, tables: readonly string[], id: number, versions: number): Promise<HistoryEntry[]> =>
  (await readHistory(tx, tables, id, versions)).filter(entry => entry.op === 'changed')

const untold = new Set(['id', 'version', 'type', 'created_at'])
/** What is written to several tables at once is told as one entry. */
const together = 1000

function joined(entries: readonly HistoryEntry[]): HistoryEntry[] {
  const result: HistoryEntry[] = []
  for (const entry of entries) {
    const last = result.at(-1)
    const same =
      last && last.op === entry.op && last.actor === entry.actor && Math.abs(Date.parse(last.at) - Date.parse(entry.at)) < together
    if (same && entry.op !== 'changed') result[result.length - 1] = { ...last, changes: { ...entry.changes, ...last.changes } }
    else result.push(entry)
  }
  return result
}

/** Says entries in the words of the fields; what a reference points to is asked in one statement for each kind. */
export async function tellHistory(
  registry: Registry,
  tx: Tx,
  table: PgTable,
  fields: Readonly<Record<string, Field | undefined>>,
  entries: readonly HistoryEntry[],
): Promise<ToldEntry[]> {
  const columns: Record<string, Column> = getTableColumns(table)
  const byColumn = new Map(
    settleFields(table, fields, [...new Set([...Object.keys(fields), ...Object.keys(columns)])]).map(field => [
      field.column?.name ?? field.name,
      field,
    ]),
  )
  const references = await loadReferences(registry, tx, byColumn, entries)
  await settleChoices(tx, byColumn, entries)
  const order = [...byColumn.keys()]
  return entries.map(entry => ({
    id: entry.id,
    at: entry.at,
    actor: entry.actor,
    op: entry.op,
    changes: Object.entries(entry.changes)
      .sort(([a], [b]) => place(order, a) - place(order, b))
      .filter(
        ([name, [before, after]]) =>
          !untold.has(name) &&
          !isGenerated(columns, name) &&
          !(entry.op !== 'changed' && isNothing(before) && isNothing(after) && !byColumn.get(name)?.secret),
      )
      .map(([name, [before, after]]) => {
        const field = byColumn.get(name)
        const secret = field?.secret === true
        const say = (value: unknown) => (secret ? '' : tellValue(value, field, references))
        // a change from nothing to nothing is none: its values were erased
        const erased = !secret && entry.op === 'changed' && isNothing(before) && isNothing(after)
        return { label: t(field?.label ?? humanise(name)), before: say(before), after: say(after), secret, ...(erased && { erased }) }
      }),
  }))
}

/** What can be chosen only when somebody looks, asked once for each field that changed. */
async function settleChoices(tx: Tx, fields: Map<string, SettledField>, entries: readonly HistoryEntry[]): Promise<void> {
  for (const name of new Set(entries.flatMap(({ changes }) => Object.keys(changes)))) {
    const field = fields.get(name)
    if (typeof field?.choices === 'function' && !field.reference) fields.set(name, { ...field, choices: await field.choices(tx) })
  }
}

/** As in the forms; what no field names comes last. */
const place = (order: readonly string[], column: string) => (order.includes(column) ? order.indexOf(column) : order.length)

const isGenerated = (columns: Record<string, Column>, name: string) =>
  Object.values(columns).some(column => column.name === name && column.generated !== undefined)
const isNothing = (value: unknown) => value === null || value === undefined || value === ''

type References = ReadonlyMap<string, ReadonlyMap<string, string>>

async function loadReferences(
  registry: Registry,
  tx: Tx,
  fields: ReadonlyMap<string, SettledField>,
  entries: readonly HistoryEntry[],
): Promise<References> {
  const wanted = new Map<string, Set<number>>()
  for (const { changes } of entries) {
    for (const [name, values] of Object.entries(changes)) {
      const resource = fields.get(name)?.reference
      if (resource)
        wanted.set(resource, new Set([...(wanted.get(resource) ?? []), ...values.flat().filter(value => typeof value === 'number')]))
    }
  }
  const found = new Map<string, Map<string, string>>()
  for (const [resource, ids] of wanted) found.set(resource, await labelsOf(registry, tx, resource, [...ids]))
  return found
}

/** A stored value as a person reads it. */
export function tellValue(value: unknown, field: SettledField | undefined, references: References = new Map()): string {
  if (isNothing(value)) return ''
  if (field?.many && Array.isArray(value)) return value.map(one => tellValue(one, field, references)).join(', ')
  if (typeof value === 'boolean') return value ? t('Yes') : t('No')
  const text = value instanceof Date ? value.toISOString() : typeof value === 'object' ? JSON.stringify(value) : String(value)
  if (!field) return text
  if (Array.isArray(field.choices)) return t(field.choices.find(choice => choice.value === text)?.label ?? text)
  if (field.reference) return references.get(field.reference)?.get(text) ?? `#${text}`
  if (field.kind === 'date') return formatDate(text)
  if (field.kind === 'datetime') return formatDateTime(text)
  if (field.kind === 'money') return formatMoney(text)
  return text
}

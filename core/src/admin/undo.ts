import { getTableColumns, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { AnyResource, Row } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { formatDateTime } from '../ui/format.ts'
import type { SettledField } from './fields.ts'
import { type HistoryEntry, historyTablesOf } from './history.ts'

/** A form filled in with what was there before a change, and what is said above it. */
export interface Undoing {
  readonly values: Readonly<Record<string, unknown>>
  readonly sentences: readonly string[]
}

/**
 * What a form shows to take back one entry of the history: of a change, the former values of what nobody has changed again since, over the
 * row as it is; of a removal, the whole row. Saving it is an ordinary change, with its checks, its version and its plan. Undefined when the
 * entry is not one of this row, or there is nothing in it that the form could take back.
 */
export async function undoing(
  tx: Tx,
  resource: AnyResource,
  fields: readonly SettledField[],
  entryId: number,
  row: Row | undefined,
): Promise<Undoing | undefined> {
  // of what is removed nobody knows whose it was: it is for those who may see everything of its kind
  if (!row && !mayEverywhere(currentScope().actor, `${resource.name}.view`)) return undefined
  const entry = await readEntry(tx, resource, entryId, row)
  if (!entry) return undefined
  const taken: Record<string, unknown> = {}
  const left: string[] = []
  for (const field of fields) {
    const change = entry.changes[columnOf(resource, field)]
    if (!change || field.secret) continue
    const [before, after] = change
    if (row && same(before, after)) continue
    if (row && !same(row[field.name], after)) left.push(t(field.label))
    else taken[field.name] = before
  }
  if (Object.keys(taken).length === 0 && left.length === 0) return undefined
  const values = { actor: entry.actor || t('Somebody'), at: formatDateTime(entry.at) }
  return {
    values: { ...row, ...taken },
    sentences: [
      row
        ? t('This is as it was before {{actor}} changed it on {{at}}. Look at it, then save.', values)
        : t('This is what {{actor}} removed on {{at}}. Look at it, then add it again.', values),
      ...(left.length > 0 ? [t('Left as it is, because it was changed again since: {{fields}}', { fields: left.join(', ') })] : []),
    ],
  }
}

const columnOf = (resource: AnyResource, field: SettledField) =>
  field.column?.name ?? getTableColumns(resource.table)[field.name]?.name ?? field.name

const same = (a: unknown, b: unknown) => String(a ?? '') === String(b ?? '')

async function readEntry(tx: Tx, resource: AnyResource, id: number, row: Row | undefined): Promise<HistoryEntry | undefined> {
  const { rows } = await tx.execute<HistoryEntry & Record<string, unknown>>(sql`
    SELECT id, at, coalesce(actor ->> 'label', '') AS actor, op, changes FROM coin.history
    WHERE id = ${id} AND table_name = ANY (${sql.param([...historyTablesOf(resource)])}::text[])
      AND ${row ? sql`op = 'changed' AND row_id = ${row.id}` : sql`op = 'removed'`}`)
  const entry = rows[0]
  return entry && { ...entry, id: Number(entry.id), at: new Date(entry.at).toISOString() }
}

/** The entry that the address of a form asks to take back. */
export function undoAsked(): number | undefined {
  const asked = currentScope().query.get('undo') ?? ''
  return /^[1-9]\d{0,14}$/.test(asked) ? Number(asked) : undefined
}

import { type Column, eq, getTableColumns, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Writer } from '../app/plan.ts'
import type { AnyResource, Input } from '../app/resource.ts'
import { type Actor, currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { keyColumns, mayWith, notFound, type Verb, visibleTo } from './find.ts'
import { changesSince, historyTablesOf } from './history.ts'

/** Throws unless the actor may do this with rows of the resource. */
export function requirePermission(resource: AnyResource, verb: Verb, actor: Actor): void {
  if (may(actor, `${resource.name}.${verb}`)) return
  throw actor.kind === 'nobody' ? new CoinError('not_signed_in', 'Sign in first.') : new CoinError('forbidden', 'You may not do this.')
}

/** Whether the resource knows how, and the actor may. */
export function can(resource: AnyResource, verb: Verb, actor: Actor): boolean {
  const possible =
    verb === 'add'
      ? resource.add.length > 0 || resource.variants !== undefined
      : verb === 'change'
        ? resource.change.length > 0
        : verb === 'remove'
          ? resource.removable !== false
          : true
  return possible && may(actor, `${resource.name}.${verb}`)
}

/** As `can`, for one row: staff who are limited to some offers or groups may see a row that they may not change. */
export const canWith = async (resource: AnyResource, verb: Verb, id: number): Promise<boolean> =>
  can(resource, verb, currentScope().actor) && mayWith(`${resource.name}.${verb}`, resource.name, id)

/** Throws unless the resource knows how, and the actor may do this with some of its rows. */
export function requirePossible(resource: AnyResource, verb: Verb, actor: Actor): void {
  requirePermission(resource, verb, actor)
  if (!can(resource, verb, actor))
    throw new CoinError('refused', '{{kinds}} cannot be {{done}} by hand.', {
      values: { kinds: resource.labelPlural, done: `${verb === 'add' ? 'adde' : verb === 'remove' ? 'remove' : 'change'}d` },
    })
}

/** Adds a row and gives its id. The values have been understood by `parseInput`. */
export async function addRow(writer: Writer, actor: Actor, resource: AnyResource, values: Input): Promise<number> {
  const [id] = await addRows(writer, actor, resource, [values])
  return Number(id)
}

/** Adds several rows in one transaction, and in one statement unless the resource has its own way. */
export async function addRows(writer: Writer, actor: Actor, resource: AnyResource, rows: readonly Input[]): Promise<readonly number[]> {
  requirePossible(resource, 'add', actor)
  return writer.transaction(actor, async tx => {
    const ids: number[] = []
    if (resource.createMany) ids.push(...(await resource.createMany(rows, tx)))
    else if (resource.create) for (const values of rows) ids.push(await resource.create(values, tx))
    else if (rows.length > 0) ids.push(...(await insertAll(resource, rows, tx)))
    for (const id of ids) await requireWithin(resource, 'add', id, tx, actor)
    return ids
  })
}

async function insertAll({ table }: AnyResource, rows: readonly Input[], tx: Tx): Promise<number[]> {
  const added = await tx
    .insert(table)
    .values(rows.map(values => columnsIn(table, values)))
    .returning({ id: keyColumns(table).id })
  return added.map(row => Number(row.id))
}

/**
 * Throws unless a row that was just written is one that the actor may do this with: staff who are limited to some offers or groups add nothing
 * outside of them and move nothing there. Nothing of the transaction remains.
 */
export async function requireWithin(resource: AnyResource, verb: Verb, id: number, tx: Tx, actor: Actor): Promise<void> {
  if (!actor.limits?.has(`${resource.name}.${verb}`)) return
  const { rows } = await tx.execute(
    sql`SELECT FROM ${resource.table} WHERE ${keyColumns(resource.table).id} = ${id} AND ${visibleTo(resource, actor, verb)}`,
  )
  if (rows.length === 0)
    throw new CoinError('refused', 'You may do this for some offers or groups of members only, and this would be none of them.', {
      hint: 'Choose one of yours, or ask an administrator.',
    })
}

/**
 * Changes a row. With the version that its editor saw, refuses with `conflict` when somebody changed it since:
 * `detail` has `version` (as it is now) and `changes` (what happened meanwhile).
 */
export async function changeRow(
  writer: Writer,
  actor: Actor,
  resource: AnyResource,
  id: number,
  version: number | undefined,
  values: Input,
): Promise<void> {
  requirePossible(resource, 'change', actor)
  await writer.transaction(actor, async tx => {
    const before = await lockRow(resource, 'change', id, version, tx, actor)
    if (resource.update) await resource.update(id, { ...(await kept(resource, id, tx)), ...values }, tx)
    else await update(resource, id, before, values, tx)
    await requireWithin(resource, 'change', id, tx, actor)
  })
}

async function update(resource: AnyResource, id: number, before: Readonly<Record<string, unknown>>, values: Input, tx: Tx): Promise<void> {
  const changed = Object.fromEntries(
    Object.entries(columnsIn(resource.table, values)).filter(([name, value]) => !same(before[name], value)),
  )
  if (Object.keys(changed).length > 0)
    await tx
      .update(resource.table)
      .set(changed)
      .where(eq(keyColumns(resource.table).id, id))
}

/** What the form would have sent for fields that were not given: a command names only those that it changes. */
async function kept(resource: AnyResource, id: number, tx: Tx): Promise<Record<string, unknown>> {
  const row =
    (await resource.load?.(id, tx)) ??
    (
      await tx
        .select(getTableColumns(resource.table))
        .from(resource.table)
        .where(eq(keyColumns(resource.table).id, id))
    )[0] ??
    {}
  return Object.fromEntries(Object.entries(row).filter(([name]) => resource.change.includes(name) && !resource.fields[name]?.secret))
}

/** Removes a row, after the same check of its version. */
export async function removeRow(writer: Writer, actor: Actor, resource: AnyResource, id: number, version?: number): Promise<void> {
  requirePossible(resource, 'remove', actor)
  await writer.transaction(actor, async tx => {
    await lockRow(resource, 'remove', id, version, tx, actor)
    if (resource.remove) return resource.remove(id, tx)
    await tx.delete(resource.table).where(eq(keyColumns(resource.table).id, id))
  })
}

async function lockRow(
  resource: AnyResource,
  verb: Verb,
  id: number,
  version: number | undefined,
  tx: Tx,
  actor: Actor,
): Promise<Record<string, unknown>> {
  const { id: key } = keyColumns(resource.table)
  const [row] = await tx
    .select(getTableColumns(resource.table))
    .from(resource.table)
    .where(sql`${key} = ${id} AND ${visibleTo(resource, actor, verb)}`)
    .for('update')
  if (!row) throw notFound(resource)
  if (version !== undefined && row.version !== undefined && row.version !== version)
    throw await conflict(resource, id, Number(row.version), version, tx)
  return row
}

async function conflict(resource: AnyResource, id: number, now: number, seen: number, tx: Tx): Promise<CoinError> {
  const changes = await changesSince(tx, historyTablesOf(resource), id, Math.max(1, now - seen))
  return staleError(now, changes)
}

/** The refusal to overwrite what somebody else changed: who, what, and the version to decide about. */
export function staleError(version: number, changes: Awaited<ReturnType<typeof changesSince>>): CoinError {
  const by = [...new Set(changes.map(change => change.actor))].join(', ')
  return new CoinError('conflict', by ? 'It was changed meanwhile by {{by}}.' : 'It was changed meanwhile.', {
    values: { by },
    hint: 'Look at what changed, then save again or leave it.',
    detail: { version, changes },
  })
}

/** Only what the table has: other values are for `create` and `update`. */
export function columnsIn(table: PgTable, values: Input): Record<string, unknown> {
  const columns: Record<string, Column> = getTableColumns(table)
  return Object.fromEntries(Object.entries(values).filter(([name]) => name in columns))
}

const same = (before: unknown, after: unknown) =>
  before === after || (before !== null && after !== null && String(before) === String(after))

import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Writer } from '../../app/plan.ts'
import type { AnyResource, Input, Row } from '../../app/resource.ts'
import { type Actor, currentScope, withinScope } from '../../app/scope.ts'
import type { Coin } from '../../coin.ts'
import type { Tx } from '../../db/database.ts'
import { explain, isTransient } from '../../db/errors.ts'
import { CoinError, isCoinError, type Values } from '../../errors.ts'
import { keyColumns, notFound } from '../find.ts'
import { changeRows, removeRows } from '../write-many.ts'
import { bulkFields } from './bulk-fields.ts'
import { loadRows } from './load-rows.ts'
import { isSame } from './values.ts'

/** What is done with many rows at once. */
export interface BulkRequest {
  readonly resource: AnyResource
  readonly ids: readonly number[]
  /** What they are given; undefined removes them. */
  readonly values: Input | undefined
}

/** A row that cannot be changed or removed, and why. */
export interface RefusedRow {
  readonly id: number
  readonly name: string
  readonly message: string
  readonly values?: Values
  readonly hint?: string
}

/** What a change of many rows would do. */
export interface BulkOutcome {
  /** Of the rows, their versions and what is done: the same while nothing moves. */
  readonly digest: string
  /** Rows that are changed, or removed. */
  readonly changed: number
  /** Rows that have these values already. */
  readonly same: number
  readonly refused: readonly RefusedRow[]
  /** There are more that are refused: nobody looked on. */
  readonly more: boolean
  /** The first rows, as they are before. */
  readonly sample: readonly Row[]
}

const batchSize = 500
/** Rows that are refused; more say nothing new. */
const mostRefused = 100
const mostShown = 20

/** Ends a transaction that is not kept. */
class NotKept extends Error {
  readonly outcome: BulkOutcome
  constructor(outcome: BulkOutcome) {
    super('A change of many rows that is not kept')
    this.outcome = outcome
  }
}

/** What it would do: it is done, with all that a commit does, and taken back. */
export async function rehearseBulk(coin: Coin, request: BulkRequest): Promise<BulkOutcome> {
  try {
    return await coin.transaction(currentScope().actor, async tx => {
      throw new NotKept(await carryOutBulk(coin, tx, request))
    })
  } catch (error) {
    if (error instanceof NotKept) return error.outcome
    throw error
  }
}

/** Does what was shown, in a transaction of `writer`: all of it, or nothing. Throws `conflict` when it would be something else by now. */
export const applyBulk = (coin: Coin, writer: Writer, request: BulkRequest, digest: string): Promise<BulkOutcome> =>
  writer.transaction(currentScope().actor, async tx => {
    const outcome = await carryOutBulk(coin, tx, request)
    if (outcome.digest !== digest || outcome.refused.length > 0)
      throw new CoinError('conflict', 'Something changed since this was shown, so that nothing was done.', { hint: 'Look at it again.' })
    return outcome
  })

async function carryOutBulk(coin: Coin, tx: Tx, request: BulkRequest): Promise<BulkOutcome> {
  const { resource, ids, values } = request
  const digest = createHash('sha256').update(JSON.stringify([resource.name, values ?? null]))
  const [refused, sample]: [RefusedRow[], Row[]] = [[], []]
  let [changed, same] = [0, 0]
  await withinScope({ db: tx }, async () => {
    for (let at = 0; at < ids.length && refused.length < mostRefused; at += batchSize) {
      const batch = ids.slice(at, at + batchSize)
      await lock(tx, resource, batch)
      const stored = await loadRows(resource, batch, tx)
      const rows = batch.flatMap(id => stored.get(id) ?? [])
      for (const id of batch) if (!stored.has(id)) refused.push(refusalOf(resource, { id }, notFound(resource)))
      const touched = rows.filter(row => values === undefined || differs(resource, row, values))
      const open = touched.filter(row => !(resource.fixed?.(row) ?? false))
      for (const row of touched) if (!open.includes(row)) refused.push(refusalOf(resource, row, fixedError()))
      const failed = await writeBatch(coin, tx, request, open)
      refused.push(...failed)
      changed += open.length - failed.length
      same += rows.length - touched.length
      sample.push(...open.slice(0, mostShown - sample.length))
      digest.update(JSON.stringify(rows.map(({ id, version }) => [id, version])))
    }
  })
  digest.update(JSON.stringify(refused))
  return { digest: digest.digest('hex'), changed, same, refused: refused.slice(0, mostRefused), more: refused.length > mostRefused, sample }
}

const fixedError = () => new CoinError('refused', 'This row is not changed any more.')

const lock = (tx: Tx, { table }: AnyResource, ids: readonly number[]) =>
  tx.execute(
    sql`SELECT FROM ${table} WHERE ${keyColumns(table).id} = ANY (${sql.param([...ids])}::bigint[]) ORDER BY ${keyColumns(table).id} FOR UPDATE`,
  )

const differs = (resource: AnyResource, row: Row, values: Input) =>
  bulkFields(resource).some(field => field.name in values && !isSame(field, row[field.name], values[field.name]))

/** Writes rows together; when that is refused, each alone, to find which ones. */
async function writeBatch(coin: Coin, tx: Tx, request: BulkRequest, rows: readonly Row[]): Promise<RefusedRow[]> {
  if (rows.length === 0 || (await attempt(coin, tx, request, rows)) === undefined) return []
  const refused: RefusedRow[] = []
  for (const row of rows) {
    const error = await attempt(coin, tx, request, [row])
    if (error !== undefined) refused.push(refusalOf(request.resource, row, error))
    if (refused.length > mostRefused) break
  }
  return refused
}

async function attempt(coin: Coin, tx: Tx, { resource, values }: BulkRequest, rows: readonly Row[]): Promise<CoinError | undefined> {
  const actor: Actor = currentScope().actor
  try {
    await tx.transaction(async part => {
      const inner = part as unknown as Tx
      await (values === undefined ? removeRows(inner, actor, resource, rows) : changeRows(inner, actor, resource, rows, values))
      await coin.settle(inner)
    })
    return undefined
  } catch (error) {
    const said = isTransient(error) ? error : explain(error, coin.registry.constraints)
    if (isCoinError(said) && said.code !== 'unavailable') return said
    throw said
  }
}

const refusalOf = (resource: AnyResource, row: Row, { message, values, hint }: CoinError): RefusedRow => ({
  id: row.id,
  name: Object.keys(row).length > 1 ? resource.describe(row) : `#${row.id}`,
  message,
  values,
  ...(hint && { hint }),
})

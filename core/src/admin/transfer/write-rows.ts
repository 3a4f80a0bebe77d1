import type { Writer } from '../../app/plan.ts'
import type { Row, Variant } from '../../app/resource.ts'
import { type Actor, may } from '../../app/scope.ts'
import type { Coin } from '../../coin.ts'
import type { Tx } from '../../db/database.ts'
import { explain, isTransient } from '../../db/errors.ts'
import { addRows, changeRow } from '../write.ts'
import { type DraftRow, refuse, refuseBy } from './draft-row.ts'

/** Rows that are tried together: when one of them is refused, each half is, until it is found. */
const batchSize = 100

/** Writes in a transaction that is there already. */
export const writerIn = (tx: Tx): Writer => ({ transaction: (_actor, work) => work(tx) })

/**
 * Writes rows by the rules of their forms. Those that the database or an app refuses are marked, and nothing of them remains. `progress` is
 * told how many have been tried.
 */
export async function writeRows(
  coin: Coin,
  tx: Tx,
  actor: Actor,
  kind: Variant,
  rows: readonly DraftRow[],
  progress: (count: number) => Promise<void>,
): Promise<void> {
  const allowed = rows.filter(row => isAllowed(actor, kind, row))
  for (let at = 0; at < allowed.length; at += batchSize) {
    const batch = allowed.slice(at, at + batchSize)
    await writeGood(coin, tx, actor, kind, batch)
    await progress(batch.length)
  }
}

async function writeGood(coin: Coin, tx: Tx, actor: Actor, kind: Variant, rows: readonly DraftRow[]): Promise<void> {
  const refused = await attempt(coin, tx, actor, kind, rows)
  const [row, ...others] = rows
  if (refused === undefined || !row) return
  if (others.length === 0) return refuseBy(row, kind, refused)
  const middle = Math.ceil(rows.length / 2)
  await writeGood(coin, tx, actor, kind, rows.slice(0, middle))
  await writeGood(coin, tx, actor, kind, rows.slice(middle))
}

function isAllowed(actor: Actor, { name, resource }: Variant, row: DraftRow): boolean {
  const verb = row.verdict === 'new' ? 'add' : 'change'
  if (may(actor, `${resource.name}.${verb}`)) return true
  const message = verb === 'add' ? 'You may not add rows of this kind.' : 'You may not change rows of this kind.'
  refuse(row, { kind: name, line: row.line, field: '', message, hint: 'Ask an administrator, or leave the row out.' })
  return false
}

/** Writes rows together, with everything that a commit would do; undefined, or why they cannot be written. */
async function attempt(coin: Coin, tx: Tx, actor: Actor, kind: Variant, rows: readonly DraftRow[]): Promise<unknown> {
  try {
    await tx.transaction(async part => {
      await writeAll(part as unknown as Tx, actor, kind, rows)
      await coin.settle(part as unknown as Tx)
    })
    return undefined
  } catch (error) {
    if (isTransient(error)) throw error
    return explain(error, coin.registry.constraints)
  }
}

async function writeAll(tx: Tx, actor: Actor, { resource }: Variant, rows: readonly DraftRow[]): Promise<void> {
  const writer = writerIn(tx)
  const added = rows.filter(({ verdict }) => verdict === 'new')
  if (added.length > 0) {
    const ids = await addRows(
      writer,
      actor,
      resource,
      added.map(({ values }) => values),
    )
    for (const [index, row] of added.entries()) {
      row.madeId = Number(ids[index])
      if (row.later) await changeRow(writer, actor, resource, row.madeId, undefined, row.later)
    }
  }
  for (const { verdict, stored, values } of rows)
    if (verdict === 'changed' && stored) await changeRow(writer, actor, resource, stored.id, versionOf(stored), values)
}

const versionOf = ({ version }: Row) => (typeof version === 'number' ? version : undefined)

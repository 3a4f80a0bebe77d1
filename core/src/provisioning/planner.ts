import { sql } from 'drizzle-orm'
import type { ChangePlan, Moved, PlannedChange, Planner, Writer } from '../app/plan.ts'
import type { Registry } from '../app/registry.ts'
import type { Actor } from '../app/scope.ts'
import { type Bills, billsBefore, billsNow, contentOfBills, moneyOf } from '../billing/plan-money.ts'
import { subnetHooks } from '../configurations/subnet-hooks.ts'
import type { Database, Tx } from '../db/database.ts'
import { runHooks } from '../db/hooks.ts'
import { inTransaction } from '../db/transaction.ts'
import { addressesOf, effectsOf, observe } from './plan-effects.ts'
import { concernedNow, type MadeChange, readStored, type Stored } from './plan-stored.ts'
import { canonical, movedBetween, reservedIn, tokenOf } from './plan-token.ts'
import { coursesOf, wishesOf } from './plan-wants.ts'
import type { ReadTarget } from './read-target.ts'

interface Parts {
  readonly registry: Registry
  readonly database: Database
  readonly secret: string
}

/** What a change has made of the database, seen from inside its transaction. */
interface Made {
  readonly ids: readonly number[]
  readonly changes: readonly MadeChange[]
  readonly after: Stored
  readonly bills: Bills
}

interface WorkedOut {
  readonly plan: ChangePlan
  /** What the transaction that applies it has to arrive at. */
  readonly result: string
  readonly reserved: number | undefined
}

/** Ends a transaction, or a part of it, that is not to be kept. */
class RolledBack extends Error {}

/** Plans for changes: what they would do to bills, to addresses and to every backend. */
export function createPlanner(parts: Parts): Planner {
  const { registry, secret } = parts
  const onChanges = subnetHooks(registry)

  /** The change with its hooks, and what it has made, before anything is decided. */
  const run = async <R>(tx: Tx, reserved: number | undefined, work: (tx: Tx) => Promise<R>) => {
    await tx.execute(sql`SELECT set_config('coin.planned_configuration', ${reserved === undefined ? '' : String(reserved)}, true)`)
    const value = await work(tx)
    await runHooks(tx, registry, onChanges)
    // what the database looks at when a transaction ends, so that a plan is refused as the change would be
    await tx.execute(sql`SET CONSTRAINTS ALL IMMEDIATE`)
    const { ids, changes } = await concernedNow(tx)
    return { value, made: { ids, changes, after: await readStored(registry, tx, ids), bills: await billsNow(tx) } }
  }

  const workOut = async (input: unknown, change: PlannedChange<unknown>, reserved?: number): Promise<WorkedOut> => {
    let found: (Made & { readonly before: Stored; readonly billsBefore: Bills }) | undefined
    await change(
      writer(parts, async (tx, work) => {
        let result: Awaited<ReturnType<typeof run>> | undefined
        try {
          await tx.transaction(async inner => {
            result = await run(inner as unknown as Tx, reserved, work)
            throw new RolledBack()
          })
        } catch (error) {
          if (!(error instanceof RolledBack)) throw error
        }
        const { value, made } = result as Awaited<ReturnType<typeof run>>
        found = { ...made, before: await readStored(registry, tx, made.ids), billsBefore: await billsBefore(tx, made.bills) }
        return value as never
      }),
    )
    if (!found) throw new Error('A planned change has to write through the writer that it is given')
    const { ids, changes, before, after } = found
    const courses = coursesOf(registry, before, after, ids)
    const observed = await observe(parts, courses)
    const made = changes.find(({ entity, op }) => entity === 'configuration' && op === 'added')?.entity_id
    const token = tokenOf(
      secret,
      {
        stored: [input, summary(found)],
        addresses: [holdings(before), holdings(after)],
        wanted: [wishesOf(registry, before, ids), wishesOf(registry, after, ids)],
        money: [contentOfBills(found.billsBefore), contentOfBills(found.bills)],
        observed: [[...observed.holders], [...observed.read].map(([backend, read]) => [backend, contentOf(read)])],
      },
      made,
    )
    return {
      plan: {
        hash: token,
        money: moneyOf(found.billsBefore, found.bills),
        addresses: addressesOf(registry, before, after),
        network: effectsOf(courses, observed),
      },
      result: resultOf(registry, found),
      reserved: made,
    }
  }

  return {
    plan: async (input, change) => (await workOut(input, change)).plan,
    async apply<R>(input: unknown, change: PlannedChange<R>, hash: string) {
      const expected = await workOut(input, change, reservedIn(secret, hash))
      if (expected.plan.hash !== hash) return { plan: expected.plan, moved: movedBetween(hash, expected.plan.hash) }
      try {
        const done = await change(
          writer(parts, async (tx, work) => {
            const { value, made } = await run(tx, expected.reserved, work)
            if (resultOf(registry, made) !== expected.result) throw new RolledBack()
            return value
          }),
        )
        return { done }
      } catch (error) {
        if (!(error instanceof RolledBack)) throw error
        const { plan } = await workOut(input, change)
        const moved: Moved[] = movedBetween(hash, plan.hash)
        return { plan, moved: moved.length > 0 ? moved : ['stored'] }
      }
    },
  }
}

/** What counts of what was read: that it cannot be read, not why. */
const contentOf = (read: ReadTarget) =>
  read.ok ? [...read.found].map(([key, there]) => [key, there instanceof Error ? { unreadable: true } : { there }]) : 'unreadable'

type Run = <R>(tx: Tx, work: (tx: Tx) => Promise<R>) => Promise<R>

/** A writer whose transactions do what `run` makes of them; hooks are its own business. */
const writer = ({ database, registry }: Parts, run: Run): Writer => ({
  transaction: (actor: Actor, work) =>
    inTransaction(
      database,
      actor,
      registry.constraints,
      tx => run(tx, work),
      async () => {},
    ),
})

/** What the transaction has changed, without the numbers that new rows get. */
const summary = ({ changes, after }: Pick<Made, 'changes' | 'after'>) => [
  changes.map(({ entity, op, entity_id, changed }) => [entity, op, op === 'added' ? null : entity_id, changed]),
  withoutNew(changes, after),
]

/** Versions of the rows that were there before. */
const withoutNew = (changes: readonly MadeChange[], { versions }: Stored) =>
  versions.filter(([table, id]) => !changes.some(({ entity, op, entity_id }) => op === 'added' && entity === table && entity_id === id))

const holdings = ({ subnets }: Stored) => subnets.map(({ prefix, configurationId }) => [prefix, configurationId])

const resultOf = (registry: Registry, made: Made): string =>
  canonical([summary(made), contentOfBills(made.bills), holdings(made.after), wishesOf(registry, made.after, made.ids)])

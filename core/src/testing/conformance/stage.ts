import { setTimeout as sleep } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import type { AnyBackend, Json, Target } from '../../app/backend.ts'
import { defineConfig } from '../../app/config.ts'
import type { ConfigurationTable } from '../../app/configuration.ts'
import { createRegistry } from '../../app/registry.ts'
import { type Coin, openCoin } from '../../coin.ts'
import { loadConfigurations } from '../../configurations/queries.ts'
import { coreApps } from '../../core-apps.ts'
import { CoinError } from '../../errors.ts'
import { type RunningWorker, startWorker } from '../../jobs/worker.ts'
import { askSweep, type SweepWish } from '../../provisioning/ask.ts'
import { serves, type Want, wantOf } from '../../provisioning/backends.ts'
import { compare } from '../../provisioning/compare.ts'
import type { Counts } from '../../provisioning/sweep-state.ts'
import { type TestCoin, testCoin } from '../coin.ts'
import { addConfiguration, addPool } from '../factories.ts'
import { until } from '../until.ts'
import { type Control, control, controlled } from './control.ts'
import { type CutOff, cutOff } from './cut-off.ts'
import type { Conformance, Values } from './options.ts'

/** A configuration on the stage. */
export interface Subject {
  readonly id: number
  /** Which one of the author's. */
  readonly n: number
}

export interface State {
  readonly state: string
  readonly key: string | null
  readonly error: string | null
  readonly attempts: number
  readonly difference: unknown
  readonly due: boolean
}

export type SweepResult = Counts & { readonly status: string; readonly message: string | null; readonly healed: number }

/** A worker that can be killed. */
export interface Mortal {
  readonly control: Control
  /** It reaches neither the database nor the target from now on. */
  kill(): void
  /** Lets go of it; killed or not. */
  close(): Promise<void>
}

/** A Coin with the author's apps, its target, and a worker whose dealings with the target are under control. */
export interface Stage {
  readonly coin: TestCoin
  readonly options: Conformance<ConfigurationTable>
  /** As the author declared it. */
  readonly backend: AnyBackend
  readonly control: Control
  /** What workers logged. */
  readonly logged: string[]
  readonly seconds: number
  /** Whether targets of this backend can be listed. */
  readonly lists: boolean
  start(): Promise<void>
  stop(): Promise<void>
  mortal(shared?: Control): Promise<Mortal>
  /** Adds the next configuration. */
  add(): Promise<Subject>
  /** Writes columns of it, through Coin. */
  set(subject: Subject, values: Partial<Values<ConfigurationTable>>): Promise<void>
  change(subject: Subject): Promise<void>
  want(subject: Subject): Promise<Want>
  state(subject: Subject): Promise<State | undefined>
  /** Until nothing is left to do. */
  settled(): Promise<void>
  until<T>(look: () => Promise<T | false>): Promise<T>
  sweep(wish?: Omit<SweepWish, 'backend' | 'by'>): Promise<SweepResult>
  /** The target itself, past Coin and the control. */
  raw<R>(work: (target: Target<Json>) => Promise<R>): Promise<R>
  /** What is there under a key; throws when that cannot be said. */
  there(key: string): Promise<Json | undefined>
  /** Throws unless what is there is what should be, and Coin says so. */
  agrees(subject: Subject): Promise<void>
  close(): Promise<void>
}

/** For calls past Coin. */
export const silentIo = { log: { info() {}, warn() {} }, signal: new AbortController().signal }
const secret = 'a secret that is only good for tests'

/** Opens the stage for one backend of the author's apps. */
export async function openStage<T extends ConfigurationTable>(name: string, given: Conformance<T>): Promise<Stage> {
  // columns of the table are only ever handed back to the author's table
  const options = given as unknown as Conformance<ConfigurationTable>
  const { apps, table, patience = 2, seconds = 30 } = options
  const backend = backendOf(name, options)
  const input = (by: Control) => ({
    apps: apps().map(app => controlled(app, name, by)),
    provisioning: { sweep: false as const, patience, alertAfter: 1_000_000 },
  })
  const main = control()
  const coin = await testCoin(input(main))
  const logged: string[] = []
  const log = { info: (line: string) => void logged.push(line), warn: (line: string) => void logged.push(line) }
  const rows = async <R>(statement: string, values: unknown[] = []): Promise<R[]> => (await coin.pool.query(statement, values)).rows as R[]
  const pools: number[] = []
  for (const prefix of options.pools ?? []) pools.push(await addPool(coin, prefix))
  const mortals = new Set<Mortal>()
  let worker: RunningWorker | undefined
  let count = 0

  const raw = async <R>(work: (target: Target<Json>) => Promise<R>): Promise<R> => {
    const target = await backend.spec.open(silentIo)
    try {
      return await work(target)
    } finally {
      await target.close?.()
    }
  }

  const stage: Stage = {
    coin,
    options,
    backend,
    control: main,
    logged,
    seconds,
    lists: await raw(async ({ list }) => list !== undefined),
    raw,
    async start() {
      worker ??= await startWorker(coin, { log })
    },
    async stop() {
      await worker?.stop()
      worker = undefined
    },
    async mortal(shared = { ...control(), said: main.said }) {
      const way = await cutOff(coin.url)
      const made = await mortalWorker(
        openCoin(defineConfig(input(shared)), { databaseUrl: way.url, secret, data: coin.data }),
        shared,
        way,
        log,
      )
      mortals.add(made)
      return made
    },
    async add() {
      const n = ++count
      return { n, id: await addConfiguration(coin, table, options.values(n) as never, { pools }) }
    },
    async set({ id }, values) {
      if (Object.keys(values).length > 0)
        await coin.write(tx =>
          tx
            .update(table)
            .set(values as never)
            .where(eq(table.id, id)),
        )
    },
    change: subject => stage.set(subject, typeof options.change === 'function' ? options.change(subject.n) : options.change),
    async want({ id }) {
      const [row] = await loadConfigurations(coin.registry, coin.database.db, [id])
      if (!row) throw new Error(`There is no configuration ${id}`)
      return coin.asSystem('conformance', async () => wantOf(backend, row))
    },
    state: async ({ id }) =>
      (
        await rows<State>(
          'SELECT state, key, error, attempts, difference, due_at IS NOT NULL AS due FROM provisioning_state WHERE configuration_id = $1 AND backend = $2',
          [id, name],
        )
      )[0],
    until: look => until(look, seconds),
    async settled() {
      await until(async () => (await rows(unsettled)).length === 0, seconds)
    },
    async sweep(wish = {}) {
      const id = await coin.write(tx => askSweep(tx, coin.registry, { backend: name, by: 'conformance', heal: 'none', ...wish }))
      return until(async () => {
        const [row] = await rows<SweepResult>(`SELECT * FROM provisioning_sweep WHERE id = $1 AND status IN ('done', 'asks', 'failed')`, [
          id,
        ])
        return row ?? false
      }, seconds)
    },
    async there(key) {
      const found = (await raw(target => target.read([key], silentIo))).get(key)
      if (found instanceof Error) throw found
      return found
    },
    async agrees(subject) {
      const { key, desired } = await stage.want(subject)
      const found = await stage.there(key)
      const difference = compare(backend, desired, found)
      if (difference.length > 0)
        throw new Error(`${key} is not as it should be: ${difference.map(({ path }) => path || 'all of it').join(', ')}`)
      const state = await stage.state(subject)
      if (state?.state !== 'in_sync') throw new Error(`${key} is as it should be, and Coin says ${state?.state}: ${state?.error}`)
    },
    async close() {
      await stage.stop()
      await Promise.all([...mortals].map(each => each.close()))
      await coin.close()
    },
  }
  return stage
}

const unsettled = `
  SELECT FROM coin.outbox UNION ALL SELECT FROM coin.delivery UNION ALL SELECT FROM provisioning_state WHERE due_at IS NOT NULL
  UNION ALL SELECT FROM graphile_worker.jobs WHERE task_identifier NOT LIKE 'system:%'`

function backendOf(name: string, { apps, table }: Conformance<ConfigurationTable>): AnyBackend {
  const { backends, configurations } = createRegistry(coreApps(), defineConfig({ apps: [...apps()] }))
  const backend = backends.find(each => each.backend.name === name)?.backend
  if (!backend)
    throw new CoinError('refused', 'The apps bring no backend {{name}}.', {
      values: { name },
      hint: `There are: ${backends.map(each => each.backend.name).join(', ')}`,
    })
  const type = [...configurations].find(([, { configuration }]) => configuration.spec.table === table)?.[0]
  if (type === undefined || !serves(backend, type))
    throw new CoinError('refused', 'The backend {{name}} does not serve this table.', { values: { name } })
  return backend
}

async function mortalWorker(
  coin: Coin,
  by: Control,
  way: CutOff,
  log: { info(line: string): void; warn(line: string): void },
): Promise<Mortal> {
  const worker = await startWorker(coin, { log })
  let isKilled = false
  let isClosed = false
  return {
    control: by,
    kill() {
      isKilled = true
      way.cut()
      by.around = () => new Promise(() => {})
    },
    async close() {
      if (isClosed) return
      isClosed = true
      const stopped = worker.stop().then(() => coin.close())
      // one that was killed is gone: it need not stop in good order
      await (isKilled ? Promise.race([stopped.catch(() => {}), sleep(3000, undefined, { ref: false })]) : stopped)
      way.cut()
    },
  }
}

/** Rows of the database in which one of these texts is found, by table; the tables `without` are left out. */
export async function rowsWith({ coin }: Stage, texts: readonly string[], without: readonly string[]): Promise<string[]> {
  const { rows: tables } = await coin.pool.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname || '.' || tablename <> ALL ($1)`,
    [without],
  )
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await coin.database.db.execute<{ text: string }>(
      sql`SELECT t::text AS text FROM ${sql.raw(name)} AS t WHERE EXISTS (SELECT FROM unnest(${sql.param(texts)}::text[]) AS s WHERE position(s in t::text) > 0) LIMIT 1`,
    )
    if (rows.length > 0) found.push(name)
  }
  return found
}

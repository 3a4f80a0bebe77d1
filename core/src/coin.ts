import { sql } from 'drizzle-orm'
import { imports } from './admin/transfer/background.ts'
import { systemActor } from './app/access.ts'
import type { Config } from './app/config.ts'
import type { Planner } from './app/plan.ts'
import { createRegistry, type Registry } from './app/registry.ts'
import { type Actor, type Scope, withScope } from './app/scope.ts'
import { createSealer, type Sealer } from './app/sealed.ts'
import { type AnyConfigurationRow, visibleConfiguration } from './configurations/queries.ts'
import { subnetHooks } from './configurations/subnet-hooks.ts'
import { coreApps } from './core-apps.ts'
import { type Database, openDatabase, type Tx } from './db/database.ts'
import { runHooks } from './db/hooks.ts'
import { inTransaction } from './db/transaction.ts'
import type { BackgroundPart } from './jobs/background.ts'
import { provisioning } from './provisioning/background.ts'
import { createPlanner } from './provisioning/planner.ts'
import { closeReadTargets } from './provisioning/read-target.ts'

/** A running Coin: its registry and its database. Passed to whoever needs it. */
export interface Coin {
  readonly registry: Registry
  readonly database: Database
  /** Signs sessions. */
  readonly secret: string
  /** What signed and encrypted before `secret` did. */
  readonly earlierSecrets: readonly string[]
  /** Encrypts what must be kept secret at rest. */
  readonly sealer: Sealer
  /** Where generated copies go, such as `var/mail`. */
  readonly data: string
  /** What workers do beside the apps' jobs and listeners. */
  readonly background: readonly BackgroundPart[]
  /** Writes, as `actor`: hooks run in it, history and outbox commit with it. See `inTransaction`. */
  transaction<R>(actor: Actor, work: (tx: Tx) => Promise<R>): Promise<R>
  /** Does what a transaction does last, before it commits: hooks, and the checks that the database puts off. For whoever must know sooner. */
  settle(tx: Tx): Promise<void>
  /** What a change would do, before it is made; and the change, when that is still so. */
  readonly planner: Planner
  /** One configuration of a type, as its app sees it, when `actor` may see it, or has another permission for it. */
  configurationFor(actor: Actor, type: string, id: number, tx: Tx, permission?: string): Promise<AnyConfigurationRow | undefined>
  /** Runs `work` in a scope without a request: jobs, mails, commands. */
  asSystem<R>(label: string, work: () => Promise<R>, locale?: string): Promise<R>
  close(): Promise<void>
}

export interface OpenOptions {
  readonly databaseUrl: string
  readonly secret: string
  /** What encrypted at rest before `secret` did. */
  readonly earlierSecrets?: readonly string[]
  readonly data: string
  /** Connections at most. */
  readonly connections?: number
}

/** Checks the configuration and opens the database. Throws `boot` with every problem at once. */
export function openCoin(config: Config, options: OpenOptions): Coin {
  const registry = createRegistry(coreApps(), config)
  const database = openDatabase(options.databaseUrl, {
    timeZone: config.provider.timeZone,
    ...(options.connections && { max: options.connections }),
  })
  const onChanges = subnetHooks(registry)
  const sealer = createSealer([options.secret, ...(options.earlierSecrets ?? [])])
  return Object.freeze<Coin>({
    registry,
    database,
    secret: options.secret,
    earlierSecrets: options.earlierSecrets ?? [],
    sealer,
    data: options.data,
    background: [provisioning, imports],
    transaction: (actor, work) => inTransaction(database, actor, registry.constraints, work, tx => runHooks(tx, registry, onChanges)),
    settle: async tx => {
      await runHooks(tx, registry, onChanges)
      await tx.execute(sql`SET CONSTRAINTS ALL IMMEDIATE`)
      await tx.execute(sql`SET CONSTRAINTS ALL DEFERRED`)
    },
    planner: createPlanner({ registry, database, secret: options.secret }),
    configurationFor: (actor, type, id, tx, permission) => visibleConfiguration(registry, actor, type, id, tx, permission),
    asSystem: (label, work, locale) =>
      withScope({ ...systemScope(registry, database.db, systemActor(label), locale), data: options.data, sealer }, work),
    async close() {
      await closeReadTargets(registry)
      await database.close()
    },
  })
}

const systemScope = (registry: Registry, db: Tx, actor: Actor, locale?: string): Scope => ({
  registry,
  db,
  actor,
  locale: locale ?? registry.config.provider.language,
  basePath: registry.config.basePath,
  path: '/',
  query: new URLSearchParams(),
  app: 'coin',
  fragment: false,
})

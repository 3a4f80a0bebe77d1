import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import { systemActor } from '../app/access.ts'
import { type ConfigInput, defineConfig } from '../app/config.ts'
import { createRegistry } from '../app/registry.ts'
import { type Coin, openCoin } from '../coin.ts'
import { coreApps } from '../core-apps.ts'
import type { Tx } from '../db/database.ts'
import { migrateAll } from '../db/migrate-all.ts'
import { testDatabase } from './database.ts'

/** A Coin with a database of its own, migrated for its apps. */
export interface TestCoin extends Coin {
  readonly url: string
  /** Straight to the database, past Coin: as psql would. */
  readonly pool: pg.Pool
  /** Writes through Coin, as the system. */
  write<R>(work: (tx: Tx) => Promise<R>): Promise<R>
}

/** Makes a Coin with the given apps on a fresh database. Call `close()` when done. */
export async function testCoin(input: ConfigInput): Promise<TestCoin> {
  const config = defineConfig(input)
  const registry = createRegistry(coreApps(), config)
  const { url, pool, close } = await testDatabase()
  await migrateAll(url, registry)
  const data = mkdtempSync(path.join(tmpdir(), 'coin-test-data-'))
  const coin = openCoin(config, { databaseUrl: url, secret: 'a secret that is only good for tests', data })
  return Object.freeze<TestCoin>({
    ...coin,
    url,
    pool,
    write: work => coin.transaction(systemActor('test'), work),
    async close() {
      await coin.close()
      await close()
      rmSync(data, { recursive: true, force: true })
    },
  })
}

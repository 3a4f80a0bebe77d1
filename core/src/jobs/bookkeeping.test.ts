import { type TestCoin, testCoin } from 'coin/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../../test/fixtures/until.ts'
import { defineConfig } from '../app/config.ts'
import { openCoin } from '../coin.ts'
import { type CutOff, cutOff } from '../testing/conformance/cut-off.ts'
import { startWorker } from './worker.ts'

// one each: what a worker that was cut off leaves is another worker's next job
let coin: TestCoin
beforeEach(async () => {
  coin = await testCoin({ apps: [] })
})
afterEach(() => coin.close())

/** A worker that reaches its database by a way that can be cut, whose only task does `work`; what it logs. */
async function onCutOff(work: (way: CutOff) => Promise<unknown>) {
  const way = await cutOff(coin.url)
  const own = openCoin(defineConfig({ apps: [] }), {
    databaseUrl: way.url,
    secret: 'a secret that is only good for tests',
    data: coin.data,
  })
  const said: string[] = []
  const log = { info: (line: string) => void said.push(line), warn: (line: string) => void said.push(line) }
  const background = [() => ({ tasks: { held: { app: 'members', run: async () => void (await work(way)) } } })]
  const worker = await startWorker({ ...own, background }, { log })
  await coin.pool.query(`SELECT graphile_worker.add_job('held')`)
  return {
    way,
    said,
    async close() {
      await worker.stop()
      await own.close()
    },
  }
}

// nobody waits for what the queue writes down when a job has ended: what it throws would end the process, and the run of these tests
const tells = (said: readonly string[]) => until(() => said.some(line => /^What became of a job was not written down/.test(line)))

test('the database goes away when a job has ended', async () => {
  const { said, close } = await onCutOff(async way => way.cut())
  await tells(said)
  await close()
})

test('the database has gone away, and its connections are known to be lost, when a job ends', async () => {
  const names = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'coin jobs'`
  const { said, close } = await onCutOff(async way => {
    way.cut()
    await until(async () => (await coin.pool.query(names)).rowCount === 0)
  })
  await tells(said)
  await close()
})

test('the database goes away while it is written down that a job has ended', async () => {
  const began = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const { way, said, close } = await onCutOff(() => {
    began.resolve()
    return end.promise
  })
  await began.promise
  const holder = await coin.pool.connect()
  try {
    await holder.query('BEGIN')
    await holder.query(
      `SELECT FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'held' FOR UPDATE OF j`,
    )
    end.resolve()
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'delete from %jobs%'`
    await until(async () => (await coin.pool.query(waiting)).rowCount !== 0)
    way.cut()
    await tells(said)
  } finally {
    await holder.query('ROLLBACK')
    holder.release()
  }
  await close()
})

test('what else goes wrong while it is written down is not passed over', async () => {
  const thrown: string[] = []
  const catches = (error: unknown) => void thrown.push(String(error))
  // vitest's own listeners would count it as an error of this run
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', catches)
  try {
    await coin.pool.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON graphile_worker._private_jobs FOR EACH ROW EXECUTE FUNCTION refuse()`)
    const { close } = await onCutOff(async () => {})
    await until(() => thrown.length > 0)
    await close()
    expect(thrown).toEqual([expect.stringContaining('not today')])
  } finally {
    process.off('unhandledRejection', catches)
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
})

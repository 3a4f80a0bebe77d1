import { testCoin } from 'coin/testing'
import { test } from 'vitest'
import withAfterCommit from '../../../test/fixtures/apps/with-after-commit/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { listeners } from './listeners.ts'
import { relay } from './relay.ts'
import { startWorker } from './worker.ts'
test('perf', async () => {
  const coin = await testCoin({ apps: [withAfterCommit()] })
  const consumers = listeners(coin).consumers ?? []
  await coin.pool.query(`INSERT INTO coin.outbox (entity, entity_id, op, changed) SELECT 'subscription', n + 10000, 'changed', '{x}' FROM generate_series(1, 10000) AS n`)
  await relay(coin.database.db, consumers); await relay(coin.database.db, consumers)
  if (process.env.H6_ANALYZE) await coin.pool.query('VACUUM ANALYZE')
  const w = await startWorker(coin, { concurrency: Number(process.env.H6_C) })
  const count = async () => (await coin.pool.query('SELECT count(*)::int AS c FROM told')).rows[0].c
  await until(async () => (await count()) > 0)
  const from = await count()
  const t = performance.now()
  await new Promise(r => setTimeout(r, 5000))
  console.log('H6 per second', ((await count()) - from) / (performance.now() - t) * 1000)
  if (process.env.H6_EXPLAIN) console.log((await coin.pool.query(`explain analyze with j as (
  select jobs.job_queue_id, jobs.priority, jobs.run_at, jobs.id
    from graphile_worker._private_jobs as jobs
    where jobs.is_available = true
    and run_at <= now()
    and task_id = any(array(select id from graphile_worker._private_tasks))
    and (jobs.job_queue_id is null or jobs.job_queue_id in (select id from graphile_worker._private_job_queues as job_queues where job_queues.is_available = true for update skip locked))
    order by priority asc, run_at asc
    limit 1
    for update
    skip locked
) select * from j`)).rows.map(r => r['QUERY PLAN']).join('\n'))
  await w.stop()
  await coin.close()
}, 200000)

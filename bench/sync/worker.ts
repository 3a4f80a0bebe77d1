import { defineConfig } from '../../core/src/app/config.ts'
import { openCoin } from '../../core/src/coin.ts'
import { startWorker } from '../../core/src/jobs/worker.ts'
import { configOf, type Place } from './world.ts'

/** A worker until it is asked to end; says how much memory it had at most when it is asked. */
export async function work(): Promise<void> {
  const place = JSON.parse(process.env.COIN_BENCH_PLACE ?? '') as Place
  const coin = openCoin(defineConfig(configOf(place)), {
    databaseUrl: place.databaseUrl,
    secret: 'a secret that is only good for measurements',
    data: place.data,
  })
  const worker = await startWorker(coin)
  let peak = 0
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss() / 2 ** 20)
  }
  const timer = setInterval(look, 20)
  process.on('message', () => {
    look()
    process.send?.(peak)
    peak = 0
  })
  process.once('SIGTERM', async () => {
    clearInterval(timer)
    await worker.stop()
    await coin.close()
    process.disconnect?.()
  })
  process.send?.('ready')
}

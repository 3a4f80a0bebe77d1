import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import pg from 'pg'
import type { Coin } from '../coin.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'

const channel = 'coin_live'
/** A stream ends after so long, and the browser asks again: who signed out meanwhile is refused then. */
const longest = 5 * 60_000
/** A line now and then, so that nobody between takes the silence for an end. */
const heartbeat = 20_000

/** Tells the pages that show `topic`, such as `run:12`, to look again once `tx` has committed. Whichever process serves them. */
export const tellLive = (tx: Tx, topic: string) => tx.execute(sql`SELECT pg_notify(${channel}, ${topic})`)

/** One connection of this process listens, for all of its streams. */
interface Hub {
  readonly listeners: Map<string, Set<() => void>>
  client?: Promise<pg.Client> | undefined
}
const hubs = new WeakMap<Coin, Hub>()

function hubOf(coin: Coin): Hub {
  const hub = hubs.get(coin) ?? { listeners: new Map() }
  hubs.set(coin, hub)
  return hub
}

async function listen(coin: Coin, hub: Hub): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: coin.database.url, application_name: 'coin live' })
  const end = () => {
    hub.client = undefined
    // what happened meanwhile is not known: everybody looks again
    for (const listeners of hub.listeners.values()) for (const tell of listeners) tell()
  }
  client.on('error', end)
  client.on('end', end)
  client.on('notification', ({ payload }) => {
    for (const tell of hub.listeners.get(payload ?? '') ?? []) tell()
  })
  await client.connect()
  await client.query(`LISTEN ${channel}`)
  return client
}

async function subscribe(coin: Coin, topic: string, tell: () => void): Promise<() => Promise<void>> {
  const hub = hubOf(coin)
  const listeners = hub.listeners.get(topic) ?? new Set()
  hub.listeners.set(topic, listeners.add(tell))
  hub.client ??= listen(coin, hub).catch(error => {
    hub.client = undefined
    throw error
  })
  await hub.client
  return async () => {
    listeners.delete(tell)
    if (listeners.size === 0) hub.listeners.delete(topic)
    if (hub.listeners.size > 0) return
    const client = hub.client
    hub.client = undefined
    await (await client)?.end()
  }
}

/** Server-sent events: one named `changed` whenever something about the topic was committed. They carry nothing: the page asks for itself. */
export async function liveStream(c: Context): Promise<Response> {
  const topic = c.req.query('topic') ?? ''
  if (!/^[a-z_]{1,40}(:[a-z0-9_-]{1,40})?$/.test(topic)) throw new CoinError('not_found', 'Nothing of this name changes.')
  const { coin } = c.var
  // no proxy may keep events back
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async stream => {
    const pending = waiter(stream)
    const unsubscribe = await subscribe(coin, topic, pending.wake)
    try {
      const end = Date.now() + longest
      await stream.writeSSE({ event: 'open', data: '' })
      while (!stream.aborted && Date.now() < end) {
        const changed = await pending.next(heartbeat)
        if (stream.aborted) break
        if (changed) await stream.writeSSE({ event: 'changed', data: '' })
        else await stream.write(': still here\n\n')
      }
    } finally {
      await unsubscribe()
    }
  })
}

/** Several changes while one is being told are one. */
function waiter(stream: SSEStreamingApi) {
  let changed = false
  let resume = () => {}
  stream.onAbort(() => resume())
  return {
    wake() {
      changed = true
      resume()
    },
    async next(patience: number): Promise<boolean> {
      if (!changed && !stream.aborted) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, patience)
          resume = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      const was = changed
      changed = false
      return was
    },
  }
}

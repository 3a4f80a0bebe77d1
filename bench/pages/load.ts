import { Agent, get } from 'node:http'

/** How long each of many requests took, in milliseconds, from the shortest; and how long all of them. */
export interface Taken {
  readonly each: readonly number[]
  readonly seconds: number
}

/** A page for somebody signed in. */
export interface Asked {
  readonly origin: string
  readonly path: string
  readonly cookie: string
}

/** What came back; the statements where the server says how many it sent. */
export interface Answer {
  readonly bytes: number
  readonly text: string
  readonly statements: number
}

/** Connections are kept while they are in use: the server closes those that wait long. */
async function withAgent<R>(work: (agent: Agent) => Promise<R>): Promise<R> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  return work(agent).finally(() => agent.destroy())
}

/** As many as are answered in that time, so many under way at once. */
export async function saturate(asked: Asked, seconds: number, together: number): Promise<Taken> {
  const each: number[] = []
  const from = performance.now()
  const until = from + seconds * 1000
  await withAgent(agent => {
    const one = async () => {
      while (performance.now() < until) each.push(await timed(asked, agent))
    }
    return Promise.all(Array.from({ length: together }, one))
  })
  return { each: each.sort((a, b) => a - b), seconds: (performance.now() - from) / 1000 }
}

/** So many a second, begun at even distances whether or not the ones before are answered: waiting counts. */
export async function atRate(asked: Asked, seconds: number, perSecond: number): Promise<Taken> {
  const from = performance.now()
  const each = await withAgent(agent =>
    Promise.all(
      Array.from({ length: seconds * perSecond }, async (_, index) => {
        const due = from + (index * 1000) / perSecond
        await new Promise(resolve => setTimeout(resolve, Math.max(0, due - performance.now())))
        const late = performance.now() - due
        // a timer rings up to a millisecond late, which is no fault of the page
        return (await timed(asked, agent)) + Math.max(0, late - 1)
      }),
    ),
  )
  return { each: each.sort((a, b) => a - b), seconds: (performance.now() - from) / 1000 }
}

/** One answer, whole. */
export const bytesOf = (asked: Asked, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    get(asked.origin + asked.path, { headers: { Cookie: asked.cookie, ...headers } }, answer => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode !== 200) return reject(new Error(`${asked.path} answered ${answer.statusCode}`))
        const body = Buffer.concat(parts)
        const timing = /db;desc="(\d+)"/.exec(String(answer.headers['server-timing']))?.[1]
        resolve({ bytes: body.length, text: body.toString('utf8'), statements: Number(timing ?? 0) })
      })
    }).on('error', reject)
  })

/** The value below which that share of them is. */
export const percentile = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100

const timed = (asked: Asked, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const from = performance.now()
    get(asked.origin + asked.path, { agent, headers: { Cookie: asked.cookie } }, answer => {
      answer.resume()
      answer.on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - from)
        else reject(new Error(`${asked.path} answered ${answer.statusCode}`))
      })
    }).on('error', reject)
  })

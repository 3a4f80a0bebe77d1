import type { World } from './world.ts'

/** When the directory had answered each change of an entry: seconds since 1970 by login, by its own log. */
export async function answeredAt({ slapd }: World): Promise<Map<string, number>> {
  const asked = new Map<string, string>()
  const answered = new Map<string, number>()
  for (const line of (await slapd.log()).split('\n')) {
    const [, seconds = '', fraction = '', operation = '', rest = ''] =
      /^([0-9a-f]+)\.([0-9a-f]+) \S+ (conn=\d+ op=\d+) (.*)$/.exec(line) ?? []
    const login = /^MOD dn="uid=([^,"]+),ou=vpn/.exec(rest)?.[1]
    if (login) asked.set(operation, login)
    const known = rest.startsWith('RESULT') ? asked.get(operation) : undefined
    if (known === undefined) continue
    asked.delete(operation)
    answered.set(known, Number.parseInt(seconds, 16) + Number.parseInt(fraction, 16) / 1e9)
  }
  return answered
}

export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly most: number
  /** From before the statement was sent, not from when its commit was known. */
  readonly p99FromSending: number
  readonly perSecond: number
}

/** Changes accounts one by one at a steady rate, each once, and sees when the directory had answered. Milliseconds. */
export async function latencies(
  world: World,
  first: number,
  count: number,
  perSecond: number,
  settled: () => Promise<void>,
): Promise<Latency> {
  const now = () => (performance.timeOrigin + performance.now()) / 1000
  const sent = new Map<string, number>()
  const committed = new Map<string, number>()
  const began = performance.now()
  const changes: Promise<unknown>[] = []
  for (let i = 0; i < count; i++) {
    const wait = began + (i * 1000) / perSecond - performance.now()
    if (wait > 1) await new Promise(resolve => setTimeout(resolve, wait))
    const n = first + i
    sent.set(`user${n}`, now())
    changes.push(
      world.pool.query('UPDATE vpn SET activated = NOT activated WHERE id = $1', [n]).then(() => committed.set(`user${n}`, now())),
    )
  }
  await Promise.all(changes)
  const seconds = (performance.now() - began) / 1000
  await settled()
  const answered = await answeredAt(world)
  const since = (begin: ReadonlyMap<string, number>) =>
    [...begin].map(([login, at]) => ((answered.get(login) ?? Number.POSITIVE_INFINITY) - at) * 1000).sort((one, other) => one - other)
  const [fromCommit, fromSending] = [since(committed), since(sent)]
  const at = (list: readonly number[], share: number) => list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0
  return {
    p50: at(fromCommit, 0.5),
    p99: at(fromCommit, 0.99),
    most: at(fromCommit, 1),
    p99FromSending: at(fromSending, 0.99),
    perSecond: count / seconds,
  }
}

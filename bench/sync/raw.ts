import { Attribute, Change, Client } from 'ldapts'
import { accountOf, attributesOf, rawBase, type World } from './world.ts'

/** How many requests are on their way at once, over how many connections. */
export interface Window {
  readonly connections: number
  readonly window: number
}

const windows: readonly Window[] = [
  { connections: 1, window: 16 },
  { connections: 1, window: 64 },
  { connections: 1, window: 256 },
  { connections: 2, window: 64 },
  { connections: 4, window: 64 },
]

/** What the client alone does with the directory: requests one after the other into a window, nothing read, nothing kept. */
export interface Raw {
  /** Requests a second. */
  add(from: number, to: number): Promise<number>
  modify(from: number, to: number, value: boolean): Promise<number>
  remove(from: number, to: number): Promise<number>
  close(): Promise<void>
}

export async function openRaw({ slapd }: World, { connections, window }: Window): Promise<Raw> {
  const clients = Array.from({ length: connections }, () => new Client({ url: slapd.url }))
  for (const client of clients) await client.bind(slapd.writerDn, slapd.writerPassword)
  const dn = (n: number) => `uid=${accountOf(n).login},${rawBase}`
  const timed = async (from: number, to: number, request: (client: Client, n: number) => Promise<unknown>) => {
    let next = from
    const began = performance.now()
    const lanes = clients.flatMap(client =>
      Array.from({ length: window }, async () => {
        while (next <= to) await request(client, next++)
      }),
    )
    await Promise.all(lanes)
    return ((to - from + 1) / (performance.now() - began)) * 1000
  }
  return {
    add: (from, to) =>
      timed(from, to, (client, n) =>
        client.add(
          dn(n),
          Object.entries(attributesOf(accountOf(n))).map(([type, values]) => new Attribute({ type, values })),
        ),
      ),
    modify: (from, to, value) => {
      const change = () =>
        new Change({ operation: 'replace', modification: new Attribute({ type: 'vpnEnabled', values: [value ? 'TRUE' : 'FALSE'] }) })
      return timed(from, to, (client, n) => client.modify(dn(n), change()))
    },
    remove: (from, to) => timed(from, to, (client, n) => client.del(dn(n))),
    close: async () => {
      for (const client of clients) await client.unbind()
    },
  }
}

/** The window that is best on this machine, for adds and modifies alike. */
export async function bestWindow(world: World, count: number): Promise<Window> {
  const rates: { readonly window: Window; readonly rate: number }[] = []
  for (const window of windows) {
    const raw = await openRaw(world, window)
    const [adds, modifies] = [await raw.add(1, count), await raw.modify(1, count, false)]
    await raw.remove(1, count)
    await raw.close()
    rates.push({ window, rate: 2 / (1 / adds + 1 / modifies) })
  }
  const [best] = rates.sort((one, other) => other.rate - one.rate)
  if (!best) throw new Error('no windows')
  return best.window
}

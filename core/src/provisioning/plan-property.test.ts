import { defineApp, defineBackend } from 'coin'
import { addConfiguration, addOffer, addPool, addSubscription, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import withSubnetEvent, { log, network, tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { addRow, changeRow, removeRow } from '../admin/write.ts'
import { systemActor } from '../app/access.ts'
import type { Difference, Json } from '../app/backend.ts'
import type { PlannedChange } from '../app/plan.ts'
import type { AnyResource } from '../app/resource.ts'
import { kindsOf } from '../configurations/kind.tsx'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'
import { differences } from './differences.ts'

/** Told of suspensions, and keeps a list inside an object. */
const shelf = new Map<string, Json>()
const shelved = defineBackend(tunnels, {
  name: 'fixture_shelf',
  key: tunnel => `shelf-${tunnel.login}`,
  desired: tunnel => ({
    on: !tunnel.subscription.suspended,
    routes: tunnel.ipSubnets.map(({ prefix }) => prefix),
    member: tunnel.subscription.member.username,
  }),
  whenSuspended: 'told',
  read: async key => shelf.get(key) as never,
  apply: async (key, desired) => void shelf.set(key, desired),
  destroy: async key => void shelf.delete(key),
})

let coin: TestCoin
let worker: RunningWorker
beforeAll(async () => {
  const more = defineApp(
    { name: 'shelf', verboseName: 'Shelf', root: new URL('./fixture/', import.meta.url).href },
    { backends: [shelved] },
  )
  coin = await testCoin({ apps: [withSubnetEvent(), more()] })
  worker = await startWorker(coin, { log: { info() {}, warn() {} } })
})
afterAll(async () => {
  await worker.stop()
  await coin.close()
})

const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const settled = () =>
  until(
    async () =>
      (
        await rows(`SELECT FROM coin.outbox UNION ALL SELECT FROM coin.delivery UNION ALL SELECT FROM provisioning_state WHERE due_at IS NOT NULL
          UNION ALL SELECT FROM graphile_worker.jobs WHERE task_identifier NOT LIKE 'system:%'`)
      ).length === 0,
  )
/** Everything in every target, by backend and key. */
const held = (): Map<string, Json> =>
  new Map<string, Json>([
    ...[...network.entries].map(([key, value]) => [`fixture_directory ${key}`, value] as const),
    ...[...shelf].map(([key, value]) => [`fixture_shelf ${key}`, value] as const),
    ...[...new Map(log.map(line => line.split(' ') as [string, string]))].flatMap(([key, value]) =>
      value ? [[`fixture_steady ${key}`, value] as const] : [],
    ),
  ])
const prefixes = async () => (await rows<{ prefix: string }>('SELECT prefix FROM ip_subnet')).map(({ prefix }) => prefix).sort()

/** The same numbers for the same seed. */
function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return (state >>> 0) % below
  }
}

test.each([1, 7, 23])('seed %i: whatever is changed, addresses and targets become what the plan said, and nothing else', async seed => {
  const roll = dice(seed)
  const actor = systemActor('property')
  const named = (name: string) => coin.registry.resources.get(name)?.resource as AnyResource
  const tunnel = kindsOf(coin.registry).find(({ name }) => name === 'fixture_tunnel')?.resource as AnyResource
  const pool = await addPool(coin, `10.${seed}.0.0/24`, { length: 29 })
  const offer = await addOffer(coin, 'fixture_tunnel', [pool])
  const subscription = await addSubscription(coin, { offer })
  let id: number | undefined = await addConfiguration(coin, tunnels, { login: `s${seed}` }, { subscription })
  await settled()

  const next = async (round: number): Promise<PlannedChange<unknown>> => {
    const one = async (statement: string) => (await rows<{ id: number }>(statement, [id ?? subscription]))[0]?.id
    const [subnet, suspension] = [
      await one('SELECT id FROM ip_subnet WHERE configuration_id = $1 ORDER BY prefix DESC'),
      (await rows<{ id: number }>('SELECT id FROM subscription_suspension WHERE subscription_id = $1', [subscription]))[0]?.id,
    ]
    const tunnelId = id
    if (tunnelId === undefined) return writer => addRow(writer, actor, tunnel, { subscriptionId: subscription, login: `s${seed}-${round}` })
    const choices: PlannedChange<unknown>[] = [
      writer => addRow(writer, actor, named('subnet'), { configurationId: tunnelId }),
      writer => addRow(writer, actor, named('subnet'), { configurationId: tunnelId, poolId: pool, prefixLength: 30 }),
      writer => changeRow(writer, actor, tunnel, tunnelId, undefined, { login: `s${seed}-${round}` }),
      writer => changeRow(writer, actor, tunnel, tunnelId, undefined, { comment: `round ${round}` }),
      writer =>
        suspension === undefined
          ? addRow(writer, actor, named('suspension'), { subscriptionId: subscription, from: '2026-01-02', until: null })
          : removeRow(writer, actor, named('suspension'), suspension),
      ...(subnet === undefined ? [] : [(writer => removeRow(writer, actor, named('subnet'), subnet)) satisfies PlannedChange<unknown>]),
      writer => removeRow(writer, actor, named('configuration'), tunnelId),
    ]
    return choices[roll(choices.length)] as PlannedChange<unknown>
  }

  await coin.asSystem('property', async () => {
    for (let round = 0; round < 14; round++) {
      const change = await next(round)
      const [before, had] = [held(), await prefixes()]
      const plan = await coin.planner.plan(round, change)
      const result = await coin.planner.apply(round, change, plan.hash)
      expect(result).toHaveProperty('done')
      await settled()

      const has = await prefixes()
      const of = (kind: string) => plan.addresses.filter(address => address.kind === kind).map(({ prefix }) => prefix)
      expect(of('added').sort()).toEqual(has.filter(prefix => !had.includes(prefix)))
      expect(of('released').sort()).toEqual(had.filter(prefix => !has.includes(prefix)))

      const after = held()
      const said = new Map<string, Difference[]>()
      for (const { backend, key, leaves, from, differences: found } of plan.network) {
        if (from !== undefined || found.length === 0) continue
        const here = (place: string) => differences(after.get(place), before.get(place))
        said.set(`${backend} ${key}`, [...(leaves === undefined ? [] : here(`${backend} ${leaves}`)), ...here(`${backend} ${key}`)])
        if (leaves !== undefined) said.set(`${backend} ${leaves}`, [])
        expect({ backend, key, found }).toEqual({ backend, key, found: said.get(`${backend} ${key}`) })
      }
      const touched = [...new Set([...before.keys(), ...after.keys()])].filter(
        place => differences(after.get(place), before.get(place)).length > 0,
      )
      expect([...said.keys()]).toEqual(expect.arrayContaining(touched))
      id = (await rows<{ id: number }>('SELECT id FROM configuration WHERE subscription_id = $1', [subscription]))[0]?.id
    }
  })
})

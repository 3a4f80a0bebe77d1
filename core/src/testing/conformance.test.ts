import { describe, expect, test } from 'vitest'
import { tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { type World, type Wrong, withWrongBackend, world } from '../../../test/fixtures/apps/with-wrong-backend.ts'
import type { Conformance } from './conformance/options.ts'
import { openStage } from './conformance/stage.ts'
import { checks, conformance } from './conformance.ts'

const optionsFor = (there: World, wrong: Wrong = {}): Conformance<typeof tunnels> => ({
  apps: () => [withWrongBackend(there, wrong)],
  table: tunnels,
  values: n => ({ login: `user${n}`, endpoint: '198.51.100.1' }),
  change: { endpoint: '198.51.100.2' },
  rename: n => ({ login: `renamed${n}` }),
  edit: async key => void there.entries.set(key, { endpoint: '198.51.100.3', password: `password-of-${key}` }),
  server: {
    stop: async () => {
      there.isUp = false
    },
    start: async () => {
      there.isUp = true
    },
  },
  hide: async key => {
    there.hidden.add(key)
    return async () => void there.hidden.delete(key)
  },
})

conformance('fixture_world', optionsFor(world()))

const wrongs: readonly (readonly [title: string, caughtBy: string, wrong: Wrong])[] = [
  ['applies nothing', 'reads back what was applied', { target: () => ({ apply: async () => undefined }) }],
  ['destroys nothing', 'leaves nothing of a subscription that has ended', { target: () => ({ destroy: async () => undefined }) }],
  [
    'says that nothing is there when it cannot read',
    'waits for its server that is stopped',
    { target: (_, right) => ({ read: (keys, io) => right.read(keys, io).catch(() => new Map()) }) },
  ],
  [
    'says that nothing is there where it may not read',
    'does not take what it is not shown',
    {
      target: (_, right) => ({
        read: async (keys, io) => new Map([...(await right.read(keys, io))].filter(([, value]) => !(value instanceof Error))),
      }),
    },
  ],
  [
    'calls a target that is away by another name',
    'waits for its server that is stopped',
    {
      target: (there, right) => ({
        read: (keys, io) => (there.isUp ? right.read(keys, io) : Promise.reject(new Error('Something is wrong'))),
        destroy: (keys, io) => (there.isUp ? right.destroy(keys, io) : Promise.reject(new Error('Something is wrong'))),
      }),
    },
  ],
  ['finds everything equal', 'makes a change, and what is there is another', { plan: () => [] }],
  ['forgets a column', 'makes a change, and what is there is another', { desired: login => ({ login }) }],
  [
    'refuses what is there already',
    'applies the same twice',
    {
      target: (there, right) => ({
        apply: async (wanted, io) => {
          for (const { key, observed } of wanted) if (observed === undefined && there.entries.has(key)) throw new Error(`${key} exists`)
          return right.apply(wanted, io)
        },
      }),
    },
  ],
  [
    'cannot remove what is not there',
    'reads nothing where nothing is',
    {
      target: (there, right) => ({
        destroy: async (keys, io) => {
          for (const key of keys) if (!there.entries.has(key)) throw new Error(`${key} is not there`)
          return right.destroy(keys, io)
        },
      }),
    },
  ],
  ['lists nothing', 'sees what nobody explains', { target: () => ({ async *list() {} }) }],
  [
    'repeats a secret in an error',
    'shows its secrets',
    {
      target: (there, right) => ({
        apply: async (wanted, io) => {
          const [first] = wanted
          if (!there.isUp) throw Object.assign(new Error(`cannot write ${JSON.stringify(first)}`), { code: 'ECONNREFUSED' })
          return right.apply(wanted, io)
        },
        read: async (keys, io) => (there.isUp ? right.read(keys, io) : new Map()),
      }),
    },
  ],
  [
    'repeats a secret in the log',
    'shows its secrets',
    {
      target: (_, right) => ({
        apply: async (wanted, io) => {
          io.log.info(`writes ${JSON.stringify(wanted)}`)
          return right.apply(wanted, io)
        },
      }),
    },
  ],
]

describe('catches a backend that', () => {
  // each with a database and a worker of its own, and most of their time is waiting
  test.concurrent.each(wrongs)('%s', async (_, caughtBy, wrong) => {
    const check = checks.find(({ title }) => title.startsWith(caughtBy))
    if (!check) throw new Error(`There is no such check: ${caughtBy}`)
    const stage = await openStage('fixture_world', { ...optionsFor(world(), wrong), seconds: 4, patience: 1 })
    try {
      await stage.start()
      await expect(check.run(stage)).rejects.toThrow()
    } finally {
      await stage.close()
    }
  })
})

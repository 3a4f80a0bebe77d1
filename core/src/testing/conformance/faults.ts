import { expect } from 'vitest'
import type { Json, Wanted } from '../../app/backend.ts'
import type { Check } from './check.ts'
import type { Kind } from './control.ts'
import { resign } from './lifecycle.ts'
import { type Stage, type Subject, silentIo } from './stage.ts'

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

/** The target is away, silent, full, or lies. */
export const faults: readonly Check[] = [
  ...[
    { title: 'waits for a target that refuses connections', answer: () => Promise.reject(refused()) },
    { title: 'waits for a target that does not answer', answer: () => new Promise<never>(() => {}) },
  ].map(
    ({ title, answer }): Check => ({
      title: `${title}, and finishes with no hand`,
      async run(stage) {
        const [added, changed, ended] = [await stage.add(), await stage.add(), await stage.add()]
        await stage.settled()
        const { key } = await stage.want(ended)
        await during(
          stage,
          async () => answer(),
          async () => {
            await stage.change(changed)
            await resign(stage, ended)
            await stage.until(() => isDown(stage))
            await neverInSync(stage, changed)
            await neverInSync(stage, ended)
          },
        )
        await recovers(stage, added, changed)
        expect(await stage.there(key)).toBeUndefined()
      },
    }),
  ),
  {
    title: 'waits for its server that is stopped, and finishes with no hand',
    when: ({ server }) => server !== undefined,
    async run(stage) {
      const { server } = stage.options
      const [changed, ended] = [await stage.add(), await stage.add()]
      await stage.settled()
      const keys = [(await stage.want(changed)).key, (await stage.want(ended)).key]
      const { key } = await stage.want(ended)
      await server?.stop()
      try {
        await expect(readStrictly(stage, keys), 'a read while the server is stopped').rejects.toThrow()
        await stage.change(changed)
        await resign(stage, ended)
        const late = await stage.add()
        await stage.until(() => isDown(stage))
        for (const subject of [changed, ended, late]) await neverInSync(stage, subject)
        const { status } = await stage.sweep()
        expect(status, 'a sweep while the server is stopped').toBe('failed')
      } finally {
        await server?.start()
      }
      await recovers(stage, changed)
      expect(await stage.there(key)).toBeUndefined()
    },
  },
  {
    title: 'says why a target refuses to write, and goes on until it does',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      await during(
        stage,
        only('apply', async keys => new Map(keys.map(key => [key, new Error('No space left')]))),
        async () => {
          await stage.change(subject)
          await failed(stage, subject)
          expect((await stage.state(subject))?.error).toContain('No space left')
        },
      )
      await recovers(stage, subject)
    },
  },
  {
    title: 'fails while its target is full, and goes on until there is room',
    when: ({ fill }) => fill !== undefined,
    async run(stage) {
      const empty = await stage.options.fill?.()
      const subject = await stage.add()
      try {
        await failed(stage, subject)
      } finally {
        await empty?.()
      }
      await recovers(stage, subject)
    },
  },
  ...[
    { title: 'says yes and does nothing', kind: 'apply' as const, lie: async () => undefined },
    { title: 'says yes and writes half', kind: 'apply' as const, lie: (go: Go, wanted: readonly Wanted<Json>[]) => go(wanted.map(half)) },
    { title: 'says yes and removes nothing', kind: 'destroy' as const, lie: async () => undefined },
  ].map(
    ({ title, kind, lie }): Check => ({
      title: `is not taken in by a target that ${title}`,
      async run(stage) {
        const subject = await stage.add()
        await stage.settled()
        await during(
          stage,
          async (call, go) => (call.kind === kind ? lie(go, call.wanted) : go()),
          async () => {
            if (kind === 'apply') await stage.change(subject)
            else await resign(stage, subject)
            await failed(stage, subject)
          },
        )
        await recovers(stage)
        if (kind === 'apply') await stage.agrees(subject)
        else expect(await stage.there((await stage.want(subject)).key)).toBeUndefined()
      },
    }),
  ),
]

type Go = (wanted?: readonly Wanted<Json>[]) => Promise<unknown>
type Around = NonNullable<Stage['control']['around']>

const only =
  (kind: Kind, answer: (keys: readonly string[]) => Promise<unknown>): Around =>
  (call, go) =>
    call.kind === kind ? answer(call.keys) : go()

/** Does `work` while something else answers in place of the target. */
export async function during(stage: Stage, around: Around, work: () => Promise<void>): Promise<void> {
  stage.control.around = around
  try {
    await work()
  } finally {
    stage.control.around = undefined
  }
}

/** Whether Coin knows that the target does not answer. */
export async function isDown({ coin, backend }: Stage): Promise<boolean> {
  const { rows } = await coin.pool.query('SELECT FROM provisioning_target WHERE backend = $1 AND down_since IS NOT NULL', [backend.name])
  return rows.length > 0
}

async function neverInSync(stage: Stage, subject: Subject): Promise<void> {
  // word of it is on its way, or it is waiting: gone or in agreement it may not be
  await stage.until(async () => (await stage.state(subject)) !== undefined)
  const found = await stage.until(async () => {
    const state = await stage.state(subject)
    return state?.due ? state : false
  })
  expect(found.state).not.toBe('in_sync')
}

const failed = (stage: Stage, subject: Subject) => stage.until(async () => (await stage.state(subject))?.state === 'failed')

async function recovers(stage: Stage, ...subjects: readonly Subject[]): Promise<void> {
  await stage.settled()
  for (const subject of subjects) await stage.agrees(subject)
}

/** Throws for a key that cannot be read, or all of them. */
async function readStrictly(stage: Stage, keys: readonly string[]): Promise<void> {
  for (const value of (await stage.raw(target => target.read(keys, silentIo))).values()) if (value instanceof Error) throw value
}

/** Less of what is wanted; nothing of it is the same. */
function half({ key, desired, observed }: Wanted<Json>): Wanted<Json> {
  if (observed !== undefined) return { key, desired: observed, observed }
  return { key, desired: cut(desired), observed }
}

const cut = (value: Json): Json =>
  typeof value === 'string'
    ? value.slice(0, value.length / 2)
    : Array.isArray(value)
      ? value.slice(0, value.length / 2)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).slice(0, -1))
        : null

import { expect } from 'vitest'
import { retry } from '../../provisioning/ask.ts'
import { differences } from '../../provisioning/differences.ts'
import { type Check, writes } from './check.ts'
import { type Stage, silentIo } from './stage.ts'

/** What is wanted is there, once and no more. */
export const agreement: readonly Check[] = [
  {
    title: 'reads nothing where nothing is, and removes it all the same, twice',
    async run(stage) {
      await stage.stop()
      const { key, desired } = await stage.want(await stage.add())
      if (desired === undefined)
        throw new Error('The backend wants nothing of the configurations of `values`: give what it needs, `pools` perhaps.')
      expect(await stage.there(key), 'where nothing was written').toBeUndefined()
      await destroys(stage, key)
      await stage.start()
      await stage.settled()
      expect(await stage.there(key), 'after it was written').toBeDefined()
      await stage.stop()
      await destroys(stage, key)
      expect(await stage.there(key), 'after it was removed').toBeUndefined()
      await destroys(stage, key)
      await stage.coin.write(tx => retry(tx, { backend: stage.backend.name }))
      await stage.start()
      await stage.settled()
    },
  },
  {
    title: 'reads back what was applied, and then plans nothing',
    async run(stage) {
      const subjects = [await stage.add(), await stage.add(), await stage.add()]
      await stage.settled()
      for (const subject of subjects) await stage.agrees(subject)
      const before = writes(stage)
      await stage.coin.write(tx => retry(tx, { backend: stage.backend.name }))
      await stage.settled()
      expect(writes(stage) - before, 'calls that write, though everything agrees').toBe(0)
      for (const subject of subjects) await stage.agrees(subject)
    },
  },
  {
    title: 'applies the same twice, and it stays',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { key, desired } = await stage.want(subject)
      if (desired === undefined) throw new Error('It wants nothing any more')
      const first = await stage.there(key)
      for (const observed of [undefined, first])
        expect(
          [...((await stage.raw(target => target.apply([{ key, desired, observed }], silentIo))) ?? [])],
          'failures of a second apply',
        ).toEqual([])
      expect(differences(first, await stage.there(key))).toEqual([])
      await stage.agrees(subject)
    },
  },
  {
    title: 'makes a change, and what is there is another',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { key } = await stage.want(subject)
      const before = await stage.there(key)
      await stage.change(subject)
      await stage.settled()
      await stage.agrees(subject)
      expect(differences(await stage.there(key), before), 'what is different after `change`').not.toEqual([])
    },
  },
  {
    title: 'leaves nothing at the old place of one that was renamed',
    when: ({ rename }) => rename !== undefined,
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const before = await stage.want(subject)
      await stage.set(subject, stage.options.rename?.(subject.n) ?? {})
      const after = await stage.want(subject)
      expect(after.key, 'the key after `rename`').not.toBe(before.key)
      await stage.settled()
      await stage.agrees(subject)
      expect(await stage.there(before.key)).toBeUndefined()
    },
  },
  {
    title: 'ends right when two exchange their keys',
    when: ({ rename }) => rename !== undefined,
    async run(stage) {
      const [one, other] = [await stage.add(), await stage.add()]
      await stage.settled()
      const keys = [(await stage.want(one)).key, (await stage.want(other)).key]
      await stage.stop()
      await stage.set(one, stage.options.rename?.(one.n) ?? {})
      await stage.set(other, stage.options.values(one.n))
      await stage.set(one, stage.options.values(other.n))
      expect([(await stage.want(other)).key, (await stage.want(one)).key]).toEqual(keys)
      await stage.start()
      await stage.settled()
      await stage.agrees(one)
      await stage.agrees(other)
    },
  },
]

async function destroys(stage: Stage, key: string): Promise<void> {
  const failures = await stage.raw(target => target.destroy([key], silentIo))
  expect([...(failures ?? [])], 'failures of destroy').toEqual([])
}

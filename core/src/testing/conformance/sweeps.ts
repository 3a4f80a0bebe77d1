import { expect } from 'vitest'
import { removeOrphans } from '../../provisioning/ask.ts'
import type { Check } from './check.ts'
import { during } from './faults.ts'
import { type Stage, type Subject, silentIo } from './stage.ts'

/** A whole target is compared with what should be there. */
export const sweeps: readonly Check[] = [
  {
    title: 'finds nothing to say of a target that agrees',
    async run(stage) {
      await stage.add()
      await stage.settled()
      const found = await stage.sweep()
      expect(found).toMatchObject({ status: 'done', differing: 0, missing: 0, unwanted: 0, orphaned: 0 })
      expect(found.in_sync).toBeGreaterThan(0)
    },
  },
  {
    title: 'sees what somebody edited, and puts it right when it may',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { key } = await stage.want(subject)
      await stage.options.edit(key)
      expect(await stage.sweep()).toMatchObject({ status: 'done', differing: 1, healed: 0 })
      const state = await stage.state(subject)
      expect(state?.state).toBe('drifted')
      expect(state?.difference).toEqual(expect.arrayContaining([expect.objectContaining({ path: expect.any(String) })]))
      await heals(stage, subject)
    },
  },
  {
    title: 'sees what is missing, and writes it again',
    async run(stage) {
      const [subject] = [await stage.add(), await stage.add()]
      await stage.settled()
      const { key } = await stage.want(subject)
      await stage.raw(target => target.destroy([key], silentIo))
      expect(await stage.sweep()).toMatchObject({ status: 'done', missing: 1 })
      expect((await stage.state(subject))?.state).toBe('drifted')
      await heals(stage, subject)
    },
  },
  {
    title: 'sees what nobody explains, asks before it removes much, and removes it',
    async run(stage) {
      if (!stage.lists) return
      const subject = await stage.add()
      await stage.settled()
      const { key, desired } = await stage.want(subject)
      await stage.coin.pool.query('DELETE FROM configuration WHERE id = $1', [subject.id])
      await stage.settled()
      if (desired === undefined) throw new Error('It wants nothing')
      await stage.raw(target => target.apply([{ key, desired, observed: undefined }], silentIo))
      expect(await stage.sweep()).toMatchObject({ status: 'done', orphaned: 1 })
      const { rows } = await stage.coin.pool.query<{ id: string; key: string }>(
        'SELECT id, key FROM provisioning_orphan WHERE backend = $1',
        [stage.backend.name],
      )
      expect(rows.map(row => row.key)).toEqual([key])
      expect(
        await stage.coin.write(tx =>
          removeOrphans(
            tx,
            rows.map(({ id }) => Number(id)),
          ),
        ),
      ).toBe(1)
      await stage.settled()
      expect(await stage.there(key)).toBeUndefined()
    },
  },
  {
    title: 'does not take a target that cannot be read for one that agrees',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const refuse = async () => {
        throw new Error('You may not read this')
      }
      await during(stage, refuse, async () => {
        expect(await stage.sweep()).toMatchObject({ status: 'failed', message: expect.stringContaining('You may not read this') })
        expect((await stage.state(subject))?.state).toBe('not_verifiable')
      })
      await stage.sweep()
      await stage.settled()
      await stage.agrees(subject)
    },
  },
  {
    title: 'does not take what it is not shown for what is not there',
    when: ({ hide }) => hide !== undefined,
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { key } = await stage.want(subject)
      const show = await stage.options.hide?.(key)
      try {
        await expect(stage.there(key), 'a read of what is hidden').rejects.toThrow()
        await stage.sweep()
        expect((await stage.state(subject))?.state).not.toBe('in_sync')
      } finally {
        await show?.()
      }
      await heals(stage, subject)
    },
  },
  {
    title: 'gives up on a target that falls silent while it is read',
    async run(stage) {
      await stage.add()
      await stage.settled()
      await during(
        stage,
        () => new Promise(() => {}),
        async () => {
          expect((await stage.sweep()).status).toBe('failed')
        },
      )
      await stage.settled()
    },
  },
  {
    title: 'asks before it fills a target that is empty',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { rows } = await stage.coin.pool.query<{ key: string }>(
        'SELECT key FROM provisioning_state WHERE backend = $1 AND key IS NOT NULL',
        [stage.backend.name],
      )
      await stage.raw(target =>
        target.destroy(
          rows.map(({ key }) => key),
          silentIo,
        ),
      )
      expect(await stage.sweep({ heal: 'all' })).toMatchObject({ status: 'asks', healed: 0 })
      expect(await stage.there((await stage.want(subject)).key)).toBeUndefined()
      await stage.sweep({ heal: 'all', confirmed: true })
      await stage.settled()
      await stage.agrees(subject)
    },
  },
]

async function heals(stage: Stage, subject: Subject): Promise<void> {
  await stage.sweep({ heal: 'configurations', confirmed: true })
  await stage.settled()
  await stage.agrees(subject)
}

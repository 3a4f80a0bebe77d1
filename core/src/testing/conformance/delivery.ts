import { expect } from 'vitest'
import { retry } from '../../provisioning/ask.ts'
import type { Check } from './check.ts'
import type { Stage, Subject } from './stage.ts'

/** Word of a change comes twice, late, out of order, and while something is being done. */
export const delivery: readonly Check[] = [
  {
    title: 'ends with the latest when it changes while it is being written',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { key } = await stage.want(subject)
      const before = await stage.there(key)
      const from = await asked(stage, subject)
      let isChanged = false
      stage.control.around = async ({ kind, keys }, go) => {
        if (kind === 'read' && keys.includes(key) && !isChanged) {
          isChanged = true
          await stage.change(subject)
          await stage.until(async () => (await asked(stage, subject)) > from + 1)
        }
        return go()
      }
      try {
        await stage.coin.write(tx => retry(tx, { configuration: subject.id }))
        await stage.until(async () => isChanged)
        await stage.settled()
      } finally {
        stage.control.around = undefined
      }
      await stage.agrees(subject)
      expect(await stage.there(key)).not.toEqual(before)
    },
  },
  {
    title: 'ends with the latest when it is asked many times, in any order',
    async run(stage) {
      const subject = await stage.add()
      await stage.stop()
      await stage.change(subject)
      await stage.coin.pool.query(
        `INSERT INTO coin.outbox (entity, entity_id, op, changed, configuration_id)
         SELECT entity, entity_id, op, changed, configuration_id FROM coin.outbox, generate_series(1, 3) WHERE configuration_id = $1 AND entity NOT IN ('subnet') ORDER BY id DESC`,
        [subject.id],
      )
      await stage.start()
      for (let n = 0; n < 10; n++) await stage.coin.write(tx => retry(tx, { configuration: subject.id }))
      await stage.settled()
      await stage.agrees(subject)
    },
  },
  {
    title: 'is never written by two workers at once, whatever comes',
    async run(stage) {
      const subjects: Subject[] = []
      for (let n = 0; n < 6; n++) subjects.push(await stage.add())
      const { control } = stage
      const second = await stage.mortal({ ...control, around: undefined })
      try {
        for (let round = 0; round < 3; round++) {
          for (const subject of subjects) await stage.set(subject, stage.options.values(subject.n))
          await Promise.all(subjects.map(subject => stage.change(subject)))
          await stage.coin.write(tx => retry(tx, { backend: stage.backend.name }))
        }
        await stage.settled()
      } finally {
        await second.close()
      }
      expect(control.overlaps, 'keys that two wrote at the same time').toEqual([])
      for (const subject of subjects) await stage.agrees(subject)
    },
  },
]

async function asked({ coin, backend }: Stage, { id }: Subject): Promise<number> {
  const { rows } = await coin.pool.query<{ asked: string }>(
    'SELECT asked FROM provisioning_state WHERE configuration_id = $1 AND backend = $2',
    [id, backend.name],
  )
  return Number(rows[0]?.asked)
}

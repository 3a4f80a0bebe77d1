import { expect } from 'vitest'
import type { Check } from './check.ts'
import type { Stage, Subject } from './stage.ts'

/** A subscription is suspended, resumed, and ends. */
export const lifecycle: readonly Check[] = [
  {
    title: 'follows a suspension and its end',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { key } = await stage.want(subject)
      const before = await stage.there(key)
      await ofSubscription(
        stage,
        subject,
        `INSERT INTO subscription_suspension (subscription_id, during) SELECT subscription_id, daterange(current_date - 1, NULL) FROM configuration WHERE id = $1`,
      )
      await stage.settled()
      await stage.agrees(subject)
      if (stage.backend.spec.whenSuspended !== 'told') expect(await stage.there(key)).toBeUndefined()
      await ofSubscription(
        stage,
        subject,
        'DELETE FROM subscription_suspension WHERE subscription_id = (SELECT subscription_id FROM configuration WHERE id = $1)',
      )
      await stage.settled()
      await stage.agrees(subject)
      expect(await stage.there(key)).toEqual(before)
    },
  },
  {
    title: 'leaves nothing of a subscription that has ended',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { key } = await stage.want(subject)
      expect(await stage.there(key)).toBeDefined()
      await resign(stage, subject)
      await stage.settled()
      expect(await stage.there(key)).toBeUndefined()
      expect(await stage.state(subject)).toMatchObject({ state: 'in_sync', key: null })
    },
  },
  {
    title: 'leaves nothing of a configuration that is deleted',
    async run(stage) {
      const subject = await stage.add()
      await stage.settled()
      const { key } = await stage.want(subject)
      await stage.coin.pool.query('DELETE FROM configuration WHERE id = $1', [subject.id])
      await stage.settled()
      expect(await stage.there(key)).toBeUndefined()
      expect(await stage.state(subject)).toBeUndefined()
    },
  },
]

const ofSubscription = (stage: Stage, { id }: Subject, statement: string) => stage.coin.pool.query(statement, [id])

/** Ends its subscription as of yesterday. */
export const resign = (stage: Stage, subject: Subject) =>
  ofSubscription(
    stage,
    subject,
    'UPDATE subscription SET resigned_on = current_date - 1 WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)',
  )

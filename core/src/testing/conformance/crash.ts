import { expect } from 'vitest'
import type { Check } from './check.ts'
import { resign } from './lifecycle.ts'
import type { Stage, Subject } from './stage.ts'

/** Calls after which a change has been made for certain. */
const most = 40

interface Operation {
  readonly title: string
  readonly isNew?: boolean
  /** What somebody does, while no worker runs. */
  perform(stage: Stage, subject: Subject): Promise<unknown>
}

const operations: readonly (Operation & Pick<Check, 'when'>)[] = [
  { title: 'one is added', isNew: true, perform: async () => {} },
  { title: 'one is changed', perform: (stage, subject) => stage.change(subject) },
  {
    title: 'one is renamed',
    when: ({ rename }) => rename !== undefined,
    perform: (stage, subject) => stage.set(subject, stage.options.rename?.(subject.n) ?? {}),
  },
  { title: 'one ends', perform: resign },
]

/** A worker dies at each step, and another one finishes. */
export const crash: readonly Check[] = operations.map(operation => ({
  title: `loses nothing to a worker that dies at any step, when ${operation.title}`,
  ...(operation.when && { when: operation.when }),
  async run(stage) {
    let steps = 0
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1; ; at++) {
        if (at > most) throw new Error(`It still calls its target after ${most} calls`)
        if (!(await diesAt(stage, operation, moment, at))) break
        steps++
      }
    }
    expect(steps, 'steps at which a worker could die').toBeGreaterThan(0)
  },
}))

/** Whether a worker died at that call; `before`: any call, `after`: one that writes, made but not answered. */
async function diesAt(stage: Stage, { isNew, perform }: Operation, moment: 'before' | 'after', at: number): Promise<boolean> {
  let subject = isNew ? undefined : await stage.add()
  await stage.settled()
  const place = subject && (await stage.want(subject)).key
  await stage.stop()
  subject ??= await stage.add()
  await perform(stage, subject)

  let count = 0
  const death = Promise.withResolvers<boolean>()
  const mortal = await stage.mortal()
  mortal.control.around = async ({ kind }, go) => {
    const counts = moment === 'before' ? kind !== 'open' : kind === 'apply' || kind === 'destroy'
    if (!counts || ++count !== at) return go()
    if (moment === 'after') await go()
    mortal.kill()
    death.resolve(true)
    return new Promise(() => {})
  }
  const lived = stage.settled().then(() => false)
  lived.catch(() => {})
  const hasDied = await Promise.race([death.promise, lived])

  await stage.start()
  await stage.settled()
  await mortal.close()
  await stage.agrees(subject)
  const { key } = await stage.want(subject)
  if (place !== undefined && place !== key) expect(await stage.there(place), 'at the old place').toBeUndefined()
  return hasDied
}

import { CoinError, isCoinError } from 'coin'
import { type Change, type Failed, moveAll, putInPlace, takeBack, tellOrTakeBack } from './batch.ts'
import { clean, endJournal, isGoingBack, isUnfinished, lockOf, prepareState, readJournal } from './journal.ts'
import { lock } from './lock.ts'
import type { Place } from './place.ts'

/** Finishes what a process left when it died. While another is at work, waits for it. */
export async function settle(place: Place, signal: AbortSignal): Promise<void> {
  if (!(await isUnfinished(place))) return
  await alone(place, signal, async () => {})
}

/**
 * One batch, alone: `make` says what changes. It is asked twice, the second time knowing that nobody else writes meanwhile. What is refused as
 * a whole, such as a folder that cannot be written to, is refused to each of `keys`.
 */
export async function commit(
  place: Place,
  signal: AbortSignal,
  keys: readonly string[],
  make: () => Promise<{ readonly changes: readonly Change[]; readonly failed: Failed }>,
): Promise<Failed> {
  try {
    await settle(place, signal)
    const { changes, failed } = await make()
    if (changes.length === 0) return failed
    return await alone(place, signal, async () => {
      const now = await make()
      if (now.changes.length === 0) return now.failed
      await clean(place)
      return new Map([...now.failed, ...(await putInPlace(place, now.changes))])
    })
  } catch (error) {
    if (isCoinError(error) && error.code === 'refused') return new Map(keys.map(key => [key, error]))
    throw error
  }
}

async function alone<R>(place: Place, signal: AbortSignal, work: () => Promise<R>): Promise<R> {
  await prepareState(place)
  const release = await lock(lockOf(place), signal)
  try {
    await finish(place)
    return await work()
  } finally {
    await release()
  }
}

/**
 * A batch whose reload nobody knows of goes on: the rest of its files into place, and a reload, even if all of them are there. One that
 * was being taken back is taken back.
 */
async function finish(place: Place): Promise<void> {
  const items = await readJournal(place)
  if (items === undefined) return
  place.log.warn(`${place.state}: a batch was interrupted, it is finished now`)
  try {
    if (await isGoingBack(place)) return await takeBack(place, items)
    const failed: Failed = new Map()
    const problem = await tellOrTakeBack(place, await moveAll(place, items, failed))
    if (problem === undefined) return await endJournal(place)
    if (await isUnfinished(place)) throw problem
  } catch (error) {
    throw isCoinError(error) ? stillBroken(place, error) : error
  }
}

/** Until a reload succeeds nobody knows what the program has read. What it says of secret files is left out: they are not at hand. */
const stillBroken = ({ secret }: Place, { message, values, hint }: CoinError) =>
  new CoinError('unavailable', message, {
    values: secret ? { ...values, words: '•••', again: '•••' } : values,
    ...(hint !== undefined && { hint }),
  })

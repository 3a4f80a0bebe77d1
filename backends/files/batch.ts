import { constants } from 'node:fs'
import { copyFile, link, lstat, open, rename, rm, unlink } from 'node:fs/promises'
import { CoinError, isCoinError } from 'coin'
import { endJournal, type Item, logOf, newOf, noteBack, oldOf, targetOf, writeJournal } from './journal.ts'
import { eachOf, type Place, syncFolder } from './place.ts'
import { run } from './run.ts'
import { withoutLines } from './secrecy.ts'
import { codeOf, unwritable } from './words.ts'

/** A file to be written, or to be removed. */
export interface Change {
  readonly name: string
  readonly bytes: Buffer | undefined
}

/** Of a batch, those that could not be done, by the name of the file. */
export type Failed = Map<string, Error>

/**
 * Puts files in place and reloads, all or, when the reload fails, nothing. The lock is held, no other batch is unfinished.
 * A file that its check refuses, or that cannot be put in place, fails alone.
 */
export async function putInPlace(place: Place, changes: readonly Change[]): Promise<Failed> {
  const failed: Failed = new Map()
  const say = (error: unknown) => withoutLines(place, error, changes)
  let items: Item[]
  try {
    const drafts = changes.map(({ name, bytes }, number) => ({ name, number, bytes }))
    await eachOf(drafts, draft => writeNew(place, draft))
    if (place.check) await checkEach(place, drafts, failed)
    items = await eachOf(
      drafts.filter(({ name }) => !failed.has(name)),
      draft => keepOld(place, draft),
    )
    if (items.length > 0) await writeJournal(place, items)
  } catch (error) {
    // nothing is in place yet: what was made is removed with the next batch, if it cannot be now
    await endJournal(place).catch(() => {})
    return new Map(changes.map(({ name }) => [name, say(unwritable(targetOf(place, { name }), error))]))
  }
  const placed = await moveAll(place, items, failed)
  const problem = placed.length === 0 ? undefined : await tellOrTakeBack(place, placed)
  if (problem === undefined) await endJournal(place)
  for (const { name } of problem ? placed : []) failed.set(name, problem as Error)
  return new Map([...failed].map(([name, error]) => [name, say(error)]))
}

/** Moves what is not yet in its place; safe to repeat. */
export async function moveAll(place: Place, items: readonly Item[], failed: Failed): Promise<Item[]> {
  const placed: Item[] = []
  for (const item of items) {
    const target = targetOf(place, item)
    const move = item.act === 'write' ? rename(newOf(place, item), target) : unlink(target)
    await move
      .catch(unlessGone)
      .then(() => placed.push(item))
      .catch(error => failed.set(item.name, unwritable(target, error)))
  }
  await syncFolder(place.folder)
  return placed
}

/** Reloads; when that fails, puts the previous files back and reloads again. What it returns says why; the batch is then over. */
export async function tellOrTakeBack(place: Place, placed: readonly Item[]): Promise<Error | undefined> {
  try {
    await tell(place)
    return undefined
  } catch (error) {
    await noteBack(place)
    return takeBack(place, placed).then(
      () => withHint(error, 'The previous files are back in place.'),
      again =>
        withHint(error, 'With the previous files it failed as well, and is tried again: {{again}}', {
          again: again instanceof Error ? plain(again) : String(again),
        }),
    )
  }
}

/** Puts the previous files back, reloads, and ends the journal, which stays when that fails. Safe to repeat. */
export async function takeBack(place: Place, items: readonly Item[]): Promise<void> {
  for (const item of [...items].reverse()) {
    const target = targetOf(place, item)
    if (item.before) await rename(oldOf(place, item), target).catch(unlessGone)
    else await rm(target, { force: true })
  }
  await syncFolder(place.folder)
  await tell(place)
  await endJournal(place)
}

/** Runs the reload, if there is one. */
export async function tell(place: Place): Promise<void> {
  if (place.reload) await run(place.reload, logOf(place), place.timeout)
}

interface Draft extends Change {
  readonly number: number
}

async function writeNew(place: Place, { name, number, bytes }: Draft): Promise<void> {
  if (bytes === undefined) return
  const before = await lstat(targetOf(place, { name })).catch(unlessGone)
  const file = await open(newOf(place, { number }), 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await place.identity.give(file, before)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function checkEach(place: Place, drafts: readonly Draft[], failed: Failed): Promise<void> {
  const [program = '', ...args] = place.check ?? []
  for (const { name, number, bytes } of drafts) {
    if (bytes === undefined) continue
    const command = [program, ...args].map(part => part.replaceAll('{file}', newOf(place, { number })))
    await run(command, logOf(place), place.timeout).catch(error => failed.set(name, error))
  }
}

/** Keeps what is there under a second name: the same file, or a copy where the system does not allow that. */
async function keepOld(place: Place, draft: Draft): Promise<Item> {
  const { name, number } = draft
  const [target, old] = [targetOf(place, draft), oldOf(place, draft)]
  const before = await link(target, old).then(
    () => true,
    async error => {
      if (codeOf(error) === 'ENOENT') return false
      await copyOf(target, old)
      return true
    },
  )
  return { name, number, act: draft.bytes === undefined ? 'remove' : 'write', before }
}

async function copyOf(target: string, old: string): Promise<void> {
  const stats = await lstat(target)
  await copyFile(target, old, constants.COPYFILE_EXCL)
  const file = await open(old, 'r')
  try {
    // who may not link to somebody's file may not make one of theirs either
    await file.chown(stats.uid, stats.gid).catch(() => {})
    await file.chmod(stats.mode & 0o7777)
    await file.sync()
  } finally {
    await file.close()
  }
}

function unlessGone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

const plain = (error: Error): string =>
  isCoinError(error) ? error.message.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(error.values[name] ?? whole)) : error.message

const withHint = (error: unknown, hint: string, values = {}) =>
  isCoinError(error)
    ? new CoinError('refused', error.message, { values: { ...error.values, ...values }, hint, cause: error })
    : new CoinError('refused', String(error), { hint, values })

import { access, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { CoinError } from 'coin'
import * as z from 'zod'
import { isFileName } from './names.ts'
import { type Place, syncFolder } from './place.ts'
import { codeOf, unwritable } from './words.ts'

const itemSchema = z.strictObject({
  /** Of the file in the folder. */
  name: z.string().refine(isFileName),
  /** Its new text is `<number>.new`, what was there before `<number>.old`. */
  number: z.int().min(0),
  act: z.enum(['write', 'remove']),
  /** Whether something was there before. */
  before: z.boolean(),
})
const journalSchema = z.strictObject({ version: z.literal(1), items: z.array(itemSchema) })

/** One file of a batch. */
export type Item = z.output<typeof itemSchema>

export const newOf = ({ state }: Place, { number }: { readonly number: number }) => path.join(state, `${number}.new`)
export const oldOf = ({ state }: Place, { number }: { readonly number: number }) => path.join(state, `${number}.old`)
export const targetOf = ({ folder }: Place, { name }: { readonly name: string }) => path.join(folder, name)
export const lockOf = ({ state }: Place) => path.join(state, 'lock')
export const logOf = ({ state }: Place) => path.join(state, 'output')
const journalOf = ({ state }: Place) => path.join(state, 'journal')
const backOf = ({ state }: Place) => path.join(state, 'back')

/** Makes the hidden folder, or throws when there is one that is not Coin's own. */
export async function prepareState(place: Place): Promise<void> {
  const { state } = place
  const stats = await mkdir(state, { mode: 0o700 })
    .catch(error => {
      if (codeOf(error) !== 'EEXIST') throw unwritable(state, error)
    })
    .then(() => lstat(state))
  if (stats.isDirectory() && stats.uid === process.geteuid?.() && (stats.mode & 0o077) === 0) return
  throw new CoinError('refused', '{{path}} is not a folder that only Coin can enter.', {
    values: { path: state },
    hint: 'It has to belong to the user that Coin runs as, with mode 0700. Give it to that user, or remove it when no other Coin runs.',
  })
}

/** Whether a batch is at work, or was when its process died. */
export const isUnfinished = (place: Place): Promise<boolean> => exists(journalOf(place))

/** The batch that was at work; undefined when none was. */
export async function readJournal(place: Place): Promise<readonly Item[] | undefined> {
  const text = await readFile(journalOf(place), 'utf8').catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unwritable(journalOf(place), error)
  })
  if (text === undefined) return undefined
  try {
    return journalSchema.parse(JSON.parse(text)).items
  } catch (cause) {
    throw new CoinError('unavailable', '{{path}} is damaged.', {
      values: { path: journalOf(place) },
      hint: 'Compare the files in that folder with those above it, then remove the folder.',
      cause,
    })
  }
}

/** From here on the batch will be finished, whatever happens to this process. */
export async function writeJournal(place: Place, items: readonly Item[]): Promise<void> {
  const draft = `${journalOf(place)}.draft`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify({ version: 1, items }))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, journalOf(place))
  await syncFolder(place.state)
}

/** Notes that the batch failed and is being taken back. On a full disk it goes unnoted: a restart then tries the rest of the batch again. */
export async function noteBack(place: Place): Promise<void> {
  await open(backOf(place), 'w', 0o600)
    .then(handle => handle.close())
    .then(() => syncFolder(place.state))
    .catch(() => {})
}

export const isGoingBack = (place: Place): Promise<boolean> => exists(backOf(place))

/** The batch is done with. */
export async function endJournal(place: Place): Promise<void> {
  await rm(journalOf(place), { force: true })
  await syncFolder(place.state)
  await clean(place)
}

/** Removes what a batch left that never began, or had ended. Only without a journal. */
export async function clean(place: Place): Promise<void> {
  for (const name of await readdir(place.state)) if (name !== 'lock') await rm(path.join(place.state, name), { force: true })
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    error => {
      if (codeOf(error) === 'ENOENT') return false
      throw unwritable(file, error)
    },
  )

import { constants } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Identity } from './identity.ts'
import { codeOf, fileUnreadable, notOrdinary, unreadable } from './words.ts'

/** A folder that this backend writes in, and how. */
export interface Place {
  /** As the declaration says it. */
  readonly folder: string
  /** Hidden, beside the files, only for Coin: new files, previous files and the journal of the batch at work. */
  readonly state: string
  readonly identity: Identity
  readonly check: readonly string[] | undefined
  readonly reload: readonly string[] | undefined
  readonly timeout: number
  readonly secret: boolean
  readonly log: { warn(message: string): void }
}

/** The folder's hidden folder for a backend. Throws `unavailable` when the folder is not there. */
export async function stateIn(folder: string, backend: string): Promise<string> {
  await checkFolder(folder)
  return path.join(await realpath(folder), `.coin-${backend}`)
}

/** A folder that is not there is no empty folder. */
export async function checkFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch(error => {
    throw unreadable(folder, error)
  })
  if (!stats.isDirectory()) throw unreadable(folder, Object.assign(new Error('it is not a folder'), { code: 'ENOTDIR' }))
}

/** A file as it is: its bytes, and whose it is. */
export interface Found {
  readonly bytes: Buffer
  readonly stats: { readonly mode: number; readonly uid: number; readonly gid: number }
}

/** Reads a file that may not be there. Throws for one that cannot be read, and for a link or anything else that is no file. */
export async function look(file: string): Promise<Found | undefined> {
  try {
    // a FIFO without a writer would block for ever
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) throw notOrdinary(file)
      return { bytes: await handle.readFile(), stats }
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'ENXIO') throw notOrdinary(file)
    throw code === undefined ? error : fileUnreadable(file, error)
  }
}

/** Makes what was just renamed in a folder last through a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The same for each, several at a time. */
export async function eachOf<I, R>(items: readonly I[], work: (item: I) => Promise<R>, atOnce = 16): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < items.length; start += atOnce)
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))))
  return results
}

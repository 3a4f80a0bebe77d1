import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { BackendIo, Failures } from 'coin'
import type { Change, Failed } from './batch.ts'
import type { Marks } from './identity.ts'
import { badPath, isFileName, nameIn, notOurs } from './names.ts'
import { checkFolder, eachOf, type Found, look, type Place } from './place.ts'
import { commit, settle } from './settle.ts'
import { unreadable } from './words.ts'

/** A file as it should be, and as it is. */
export type FileContent = Marks & { readonly content: string }

interface Wanted {
  readonly key: string
  readonly desired: FileContent
}

const atOnce = 500

/** One file for each configuration. Keys are paths; one that is no path of the folder has nothing there, and is refused when written. */
export function filePerConfiguration(place: Place, ours: RegExp | undefined) {
  const { folder, identity } = place
  const isOurs = (name: string) => isFileName(name) && (ours === undefined || ours.test(name))
  const pathOf = (name: string) => path.join(folder, name)
  const asContent = async ({ bytes, stats }: Found): Promise<FileContent> => ({
    content: bytes.toString('utf8'),
    ...(await identity.marksOf(stats)),
  })

  /** What of a file is not as it should be; undefined when all is. */
  const changeTo = async (name: string, desired: FileContent | undefined): Promise<Change | undefined> => {
    const found = await look(pathOf(name))
    if (desired === undefined) return found && { name, bytes: undefined }
    const bytes = Buffer.from(desired.content, 'utf8')
    const { content: _, ...marks } = desired
    const same = found?.bytes.equals(bytes) && JSON.stringify(await identity.marksOf(found.stats)) === JSON.stringify(marks)
    return same ? undefined : { name, bytes }
  }

  const write = async (wanted: readonly { readonly key: string; readonly desired?: FileContent }[], io: BackendIo): Promise<Failures> => {
    await checkFolder(folder)
    const failures = new Map<string, Error>()
    const named = wanted.flatMap(({ key, desired }) => {
      const name = nameIn(folder, key)
      if (name !== undefined && isOurs(name)) return [{ name, desired }]
      // nothing of ours can be there
      if (desired) failures.set(key, name === undefined ? badPath(key, folder) : notOurs(key))
      return []
    })
    if (named.length === 0) return failures
    const names = named.map(({ name }) => name)
    const done = await commit(place, io.signal, names, async () => {
      const failed: Failed = new Map()
      const changes = await eachOf(named, ({ name, desired }) =>
        changeTo(name, desired).catch(error => {
          failed.set(name, error)
          return undefined
        }),
      )
      return { changes: changes.filter(change => change !== undefined), failed }
    })
    for (const [name, error] of done) failures.set(`${folder}/${name}`, error)
    return failures
  }

  return {
    async read(keys: readonly string[], io: BackendIo): Promise<ReadonlyMap<string, FileContent | Error>> {
      await checkFolder(folder)
      await settle(place, io.signal)
      const found = await eachOf(keys, async key => {
        const name = nameIn(folder, key)
        const there = name === undefined ? undefined : await look(pathOf(name)).catch((error: Error) => error)
        if (there === undefined) return []
        return [[key, there instanceof Error ? there : await asContent(there)] as const]
      })
      return new Map(found.flat())
    },
    apply: (wanted: readonly Wanted[], io: BackendIo) => write(wanted, io),
    destroy: (keys: readonly string[], io: BackendIo) =>
      write(
        keys.map(key => ({ key })),
        io,
      ),
    async *list(io: BackendIo): AsyncGenerator<ReadonlyMap<string, FileContent>> {
      await checkFolder(folder)
      await settle(place, io.signal)
      const entries = await readdir(folder, { withFileTypes: true }).catch(error => {
        throw unreadable(folder, error)
      })
      const names = entries.filter(entry => entry.isFile() && isOurs(entry.name)).map(({ name }) => name)
      for (let start = 0; start < names.length; start += atOnce) {
        const found = await eachOf(names.slice(start, start + atOnce), async name => {
          const there = await look(pathOf(name)).catch(error => {
            throw unreadable(pathOf(name), error)
          })
          return there ? [[`${folder}/${name}`, await asContent(there)] as const] : []
        })
        yield new Map(found.flat())
      }
    },
  }
}

import path from 'node:path'
import { type BackendIo, CoinError, type Failures } from 'coin'
import type { Failed } from './batch.ts'
import { asLines, looksEnclosing, type Markers, type Parts, putTogether, takeApart } from './blocks.ts'
import type { Marks } from './identity.ts'
import { badBlockName, isBlockName } from './names.ts'
import { checkFolder, look, type Place } from './place.ts'
import { commit, settle } from './settle.ts'

/** A block as it should be, and as it is, with what concerns the file as a whole. */
export type BlockContent = Marks & { readonly content: string; readonly header?: string; readonly footer?: string }

interface Wanted {
  readonly key: string
  readonly desired: BlockContent
}

export interface Frame extends Markers {
  readonly header: string
  readonly footer: string
}

const atOnce = 500

/** What stands around the blocks, where there is something. */
export const aroundOf = ({ header, footer }: { readonly header: string; readonly footer: string }) => ({
  ...(header !== '' && { header }),
  ...(footer !== '' && { footer }),
})

/** One file for all, each configuration a block. */
export function oneFile(place: Place, file: string, frame: Frame) {
  const name = path.basename(file)
  const { identity } = place

  const parse = async (): Promise<{ parts: Parts; marks: Marks | undefined }> => {
    const found = await look(file)
    const parts = takeApart(found?.bytes.toString('latin1') ?? '', frame, file)
    return { parts, marks: found && (await identity.marksOf(found.stats)) }
  }
  const load = async (io: BackendIo): Promise<ReadonlyMap<string, BlockContent>> => {
    await checkFolder(place.folder)
    await settle(place, io.signal)
    const { parts, marks } = await parse()
    const common = { ...marks, ...aroundOf(parts) }
    return new Map([...parts.blocks].map(([key, content]) => [key, { content, ...common } as BlockContent]))
  }

  const write = async (wanted: readonly { readonly key: string; readonly desired?: BlockContent }[], io: BackendIo): Promise<Failures> => {
    await checkFolder(place.folder)
    const failures = new Map<string, Error>()
    const good = wanted.filter(({ key, desired }) => {
      const problem = desired && problemWith(key, desired, frame)
      if (problem) failures.set(key, problem)
      return problem === undefined
    })
    if (good.length === 0) return failures
    let touched = good.map(({ key }) => key)
    const failed: Failed = await commit(place, io.signal, [name], async () => {
      const { parts, marks } = await parse()
      const blocks = new Map(parts.blocks)
      touched = good.flatMap(({ key, desired }) => {
        if (blocks.get(key) === desired?.content) return []
        if (desired) blocks.set(key, desired.content)
        else blocks.delete(key)
        return [key]
      })
      // also what concerns all: the mode of the file, what stands around the blocks
      const whole =
        good.some(({ desired }) => desired) && !sameAround({ ...marks, ...aroundOf(parts) }, { ...identity.wanted, ...aroundOf(frame) })
      if (touched.length === 0 && !whole) return { changes: [], failed: new Map() }
      if (whole) touched = good.map(({ key }) => key)
      const bytes = Buffer.from(putTogether({ ...parts, blocks }, frame.header, frame.footer, frame), 'latin1')
      return { changes: [{ name, bytes }], failed: new Map() }
    })
    const problem = failed.get(name)
    for (const key of problem ? touched : []) failures.set(key, problem as Error)
    return failures
  }

  return {
    async read(keys: readonly string[], io: BackendIo): Promise<ReadonlyMap<string, BlockContent | Error>> {
      const all = await load(io)
      return new Map(
        keys.flatMap(key => {
          const found = all.get(key)
          return found ? [[key, found] as const] : []
        }),
      )
    },
    apply: (wanted: readonly Wanted[], io: BackendIo) => write(wanted, io),
    destroy: (keys: readonly string[], io: BackendIo) =>
      write(
        keys.map(key => ({ key })),
        io,
      ),
    async *list(io: BackendIo): AsyncGenerator<ReadonlyMap<string, BlockContent>> {
      const all = [...(await load(io))]
      for (let start = 0; start < all.length; start += atOnce) yield new Map(all.slice(start, start + atOnce))
    },
  }
}

/** As a block keeps it. */
export const blockOf = (text: string): string => asLines(text)

function problemWith(key: string, { content }: BlockContent, frame: Frame): CoinError | undefined {
  if (!isBlockName(key)) return badBlockName(key)
  if (!looksEnclosing(content, frame)) return undefined
  return new CoinError('refused', 'The text of {{key}} has a line that looks like those between which Coin writes.', {
    values: { key },
    hint: 'Something that was typed may have brought a line break along.',
  })
}

type Around = { readonly [name: string]: string | undefined }
const sameAround = (one: Around, other: Around): boolean =>
  ['mode', 'owner', 'group', 'header', 'footer'].every(name => one[name] === other[name])

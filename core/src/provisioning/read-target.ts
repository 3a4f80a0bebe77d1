import type { AnyBackend, Json } from '../app/backend.ts'
import type { Registry } from '../app/registry.ts'
import { careOf } from './backends.ts'
import { wordsOf } from './messages.ts'
import { openTargets, type Targets, withPatience } from './targets.ts'

/** A person waits: seconds. */
const longest = 5

const kept = new WeakMap<Registry, Targets>()

export type ReadTarget =
  | { readonly ok: true; readonly found: ReadonlyMap<string, Json | Error> }
  /** Why it cannot be read, in English. */
  | { readonly ok: false; readonly error: string }

/** What is in a target under some keys, for somebody who looks: never throws. */
export async function readTarget(
  registry: Registry,
  backend: AnyBackend,
  keys: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<ReadTarget> {
  const targets = kept.get(registry) ?? openTargets()
  kept.set(registry, targets)
  const patience = Math.min(longest, careOf(registry, backend.name).patience)
  const io = { log: { info() {}, warn() {} }, signal }
  try {
    const found = await targets.use(backend, io, patience, async target => {
      const all = new Map<string, Json | Error>()
      for (let from = 0; from < keys.length; from += backend.batch) {
        const some = keys.slice(from, from + backend.batch)
        for (const [key, there] of await withPatience(io, patience, inner => target.read(some, inner))) all.set(key, there)
      }
      return all
    })
    return { ok: true, found }
  } catch (error) {
    return { ok: false, error: wordsOf(error) }
  }
}

/** Lets go of what was opened to look, so that the process can end. */
export const closeReadTargets = async (registry: Registry): Promise<void> => {
  await kept.get(registry)?.close()
  kept.delete(registry)
}

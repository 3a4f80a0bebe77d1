import type { Json } from '../app/backend.ts'
import { isKeepable } from './backends.ts'
import { maskValue } from './mask.ts'
import { type Work, wantsOf } from './sweep-judge.ts'
import { holdersOf, keepOrphans, knownAfter } from './sweep-state.ts'
import { withPatience } from './targets.ts'
import { engineTransaction } from './transaction.ts'

/** Configurations looked at together. */
const page = 1000

/** What nobody holds or wants, and is still there: kept with its value, secrets masked. */
export async function findOrphans(work: Work): Promise<void> {
  const { coin, backend, suspects, counts, target, io, patience, sweep } = work
  const orphans: { key: string; value: Json }[] = []
  const keys = [...suspects.keys()]
  for (let from = 0; from < keys.length; from += page) {
    const some = keys.slice(from, from + page)
    const left = new Map<string, Json>()
    for (let at = 0; at < some.length; at += backend.batch) {
      const part = some.slice(at, at + backend.batch)
      for (const [key, there] of await withPatience(io, patience, inner => target.read(part, inner)))
        if (!(there instanceof Error)) left.set(key, there)
    }
    // asked after it was read: who removes something lets go of its place only then
    const holders = await holdersOf(coin.database.db, backend.name, [...left.keys()])
    for (const { key } of holders) left.delete(key ?? '')
    for (const [key, value] of left) orphans.push({ key, value: maskValue(backend, value) })
  }
  const wanted = await wantedElsewhere(work, orphans)
  const found = orphans.filter(({ key }) => !wanted.has(key))
  counts.orphaned = found.length
  const kept = found.filter(({ key }) => isKeepable(key))
  if (kept.length < found.length) io.log.warn(`${found.length - kept.length} entries have names that cannot be kept: nobody is shown them`)
  await engineTransaction(coin, tx => keepOrphans(tx, sweep, kept))
}

/** Keys that a configuration wants, though it does not hold them: it is being moved there, or should not be there. */
async function wantedElsewhere(work: Work, orphans: readonly { key: string }[]): Promise<Set<string>> {
  const wanted = new Set<string>()
  if (orphans.length === 0) return wanted
  const asked = new Set(orphans.map(({ key }) => key))
  for (let last = 0; ; ) {
    const some = await knownAfter(work.coin.database.db, work.backend.name, last, page)
    const end = some.at(-1)
    if (!end) return wanted
    last = Number(end.id)
    for (const { want } of await wantsOf(
      work,
      some.filter(({ key }) => key === null || !asked.has(key)),
    ))
      if (asked.has(want.key)) wanted.add(want.key)
  }
}

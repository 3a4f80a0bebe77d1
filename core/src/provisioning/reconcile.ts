import type { AnyBackend, BackendIo, Difference, Json } from '../app/backend.ts'
import type { AnyConfigurationRow } from '../configurations/queries.ts'
import { CoinError } from '../errors.ts'
import { differences } from './differences.ts'

export interface Place {
  /** Where it was put before; null when nowhere. */
  readonly key: string | null
  /** Keeps where it is about to be put, before it is: `destroy` finds it even if this process dies. */
  remember(key: string): Promise<void>
}

/**
 * Makes one target agree with one configuration: what should be there against what is, applied, and read back. One that is gone, or that
 * wants nothing there, is destroyed. Returns the key under which something is there now. Throws when it does not agree in the end.
 */
export async function reconcileOne(
  { spec }: AnyBackend,
  configuration: AnyConfigurationRow | undefined,
  place: Place,
  io: BackendIo,
): Promise<string | null> {
  const desired = configuration && spec.desired(configuration)
  const key = configuration ? spec.key(configuration) : null
  const outdated = new Set(
    [place.key, desired === undefined ? key : null].filter(old => old !== null && (old !== key || desired === undefined)) as string[],
  )
  for (const old of outdated) {
    await spec.destroy(old, io)
    if ((await spec.read(old, io)) !== undefined)
      throw new CoinError('unavailable', 'What was removed is still there: {{key}}', { values: { key: old } })
  }
  if (key === null || desired === undefined) return null
  if (place.key !== key) await place.remember(key)
  const plan = (observed: Json | undefined): readonly Difference[] =>
    observed !== undefined && spec.plan ? spec.plan(desired, observed) : differences(desired, observed)
  if (plan(await spec.read(key, io)).length === 0) return key
  await spec.apply(key, desired, io)
  const rest = plan(await spec.read(key, io))
  if (rest.length > 0)
    throw new CoinError('unavailable', 'What was written reads back differently: {{paths}}', {
      values: { paths: rest.map(({ path }) => path || key).join(', ') },
    })
  return key
}

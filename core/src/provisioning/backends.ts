import type { AnyBackend, Json } from '../app/backend.ts'
import type { Care } from '../app/config.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyConfigurationRow } from '../configurations/queries.ts'
import { CoinError } from '../errors.ts'

/** The backend of that name; undefined when no installed app brings it. */
export const backendNamed = (registry: Registry, name: string): AnyBackend | undefined =>
  registry.backends.find(({ backend }) => backend.name === name)?.backend

/** Those that serve configurations of `type`. */
export const backendsFor = (registry: Registry, type: string): readonly AnyBackend[] =>
  registry.backends.map(({ backend }) => backend).filter(backend => serves(backend, type))

export const serves = ({ types }: AnyBackend, type: string): boolean => types === 'every' || types.includes(type)

/** How the deployment wants a backend looked after. */
export function careOf({ config: { provisioning } }: Registry, name: string): Care {
  const { sweep, heal, removeShare, patience } = provisioning
  const own = Object.entries(provisioning.backends[name] ?? {}).filter(([, value]) => value !== undefined)
  return { sweep, heal, removeShare, patience, ...Object.fromEntries(own) }
}

export interface Want {
  readonly key: string
  /** Undefined: nothing should be there. */
  readonly desired: Json | undefined
}

/** Whether the database can keep a key, and find it by an index: text, of 2,000 bytes at most. */
export const isKeepable = (key: string): boolean => key.isWellFormed() && !key.includes('\0') && Buffer.byteLength(key) <= 2000

/**
 * What a backend wants of a configuration, and where: nothing before its subscription starts, after it has ended, and while it is
 * suspended, unless the backend decides that itself. Throws what the backend's own functions throw, and for a key that is empty.
 */
export function wantOf({ name, spec }: AnyBackend, configuration: AnyConfigurationRow): Want {
  const key = spec.key(configuration)
  if (typeof key !== 'string' || key === '')
    throw new CoinError('refused', 'The backend {{backend}} gives no key to this configuration.', { values: { backend: name } })
  if (!isKeepable(key))
    throw new CoinError('refused', 'The backend {{backend}} gives this configuration a key that is too long, or is no text.', {
      values: { backend: name },
    })
  const { phase, suspended } = configuration.subscription
  const over = phase !== 'running' || (suspended && spec.whenSuspended !== 'told')
  return { key, desired: over ? undefined : spec.desired(configuration) }
}

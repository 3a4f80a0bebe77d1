import type { AnyBackend } from '../app/backend.ts'
import type { Registry } from '../app/registry.ts'
import { CoinError } from '../errors.ts'
import { usage } from './failure.ts'

/** Exit code: something is not as it should be. */
export const differs = 5
/** Exit code: a comparison asks for a person. */
export const asks = 6
/** Exit code of what was interrupted by Ctrl-C. */
export const interrupted = 130

/** The installed backends, or the one that is named. Throws `not_found` for one that is not installed. */
export function chosenBackends({ backends }: Registry, name: string | undefined): readonly AnyBackend[] {
  const all = backends.map(({ backend }) => backend)
  if (name === undefined) return all
  const found = all.filter(backend => backend.name === name)
  if (found.length > 0) return found
  throw new CoinError('not_found', 'There is no backend {{name}}.', {
    values: { name: name.slice(0, 80) },
    hint: all.length > 0 ? `There are: ${all.map(backend => backend.name).join(', ')}.` : 'No installed app brings one.',
  })
}

/** A number that was typed; anything else is wrong usage. */
export function idOf(text: string, option: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw usage(`${option} takes the number of one, not '${text}'.`, `For example ${option} 7.`)
  return Number(text)
}

/** The same for several. */
export const idsOf = (texts: readonly string[], option: string): number[] => texts.map(text => idOf(text, option))

/** A moment as terminals show it, in UTC. */
export const moment = (iso: string | null): string => (iso === null ? '' : new Date(iso).toISOString().replace('T', ' ').slice(0, 16))

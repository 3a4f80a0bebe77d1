import { type PersonalData, rowsOfConfigurations, type Term } from '../app/personal-data.ts'
import type { Registry } from '../app/registry.ts'

/** A kind of data with the app whose words it is in. */
export interface Kind {
  readonly app: string
  readonly data: PersonalData
}

/** Every kind of data that is held about members. A type of line needs no declaration: its table follows the lines. */
export function kindsOf(registry: Registry): readonly Kind[] {
  const declared = new Set(registry.personalData.flatMap(({ data }) => Object.keys(data.rows)))
  const others = [...registry.configurations.keys()].filter(type => !declared.has(type))
  if (others.length === 0) return registry.personalData
  const rows = Object.fromEntries(others.map(type => [type, rowsOfConfigurations(type, 'id')]))
  return registry.personalData.map(kind =>
    kind.data.name === 'configurations' ? { ...kind, data: { ...kind.data, rows: { ...kind.data.rows, ...rows } } } : kind,
  )
}

/** The term of a kind in this deployment. */
export const termOf = ({ data }: Kind, registry: Registry): 'membership' | Term =>
  typeof data.term === 'function' ? data.term(registry.config) : data.term

/** The same for readers: who somebody is comes first. */
export const forReaders = (kinds: readonly Kind[]): readonly Kind[] =>
  [...kinds].sort((a, b) => Number(b.data.name === 'identity') - Number(a.data.name === 'identity'))

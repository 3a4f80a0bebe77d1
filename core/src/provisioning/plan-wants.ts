import type { AnyBackend, Json } from '../app/backend.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyConfigurationRow } from '../configurations/queries.ts'
import { backendsFor, type Want, wantOf } from './backends.ts'
import { wordsOf } from './messages.ts'
import type { Stored } from './plan-stored.ts'

/** What a backend wants of a configuration, or why its app cannot say. */
export type Wish = Want | { readonly refusal: string }

/** What one backend wants of one configuration, before and after, day by day. */
export interface Course {
  readonly backend: AnyBackend
  readonly id: number
  readonly about: string
  /** Where it is out there now, if that is known. */
  readonly place: string | undefined
  readonly steps: readonly { readonly day: string; readonly before: Wish | undefined; readonly after: Wish | undefined }[]
}

/** What backends want by day and configuration: undefined of one that is not there. */
export function wishesOf(registry: Registry, { days, configurations }: Stored, ids: readonly number[]) {
  return ids.flatMap(id =>
    days.map(day => {
      const row = configurations.get(day)?.get(id)
      return {
        id,
        day,
        wishes: row
          ? backendsFor(registry, row.type as string).map(backend => ({ backend: backend.name, wish: wishOf(backend, row) }))
          : [],
      }
    }),
  )
}

/** Every (configuration, backend) that a change concerns. */
export function coursesOf(registry: Registry, before: Stored, after: Stored, ids: readonly number[]): Course[] {
  const days = [...new Set([...before.days, ...after.days])].sort()
  return ids.flatMap(id => {
    const row = on(after, days[0] ?? '', id) ?? on(before, days[0] ?? '', id)
    if (!row) return []
    return backendsFor(registry, row.type as string).map(backend => ({
      backend,
      id,
      about: describe(registry, row),
      place: before.places.get(`${id} ${backend.name}`),
      steps: days.map(day => ({ day, before: wish(backend, on(before, day, id)), after: wish(backend, on(after, day, id)) })),
    }))
  })
}

/** What names a configuration, in the words of its app. */
export function describe(registry: Registry, row: AnyConfigurationRow): string {
  const spec = registry.configurations.get(row.type as string)?.configuration.spec
  return spec?.describe(row) || `#${row.id}`
}

/** As it is on a day: between two of the known days nothing changes. */
function on({ days, configurations }: Stored, day: string, id: number): AnyConfigurationRow | undefined {
  const known = days.findLast(one => one <= day)
  return known === undefined ? undefined : configurations.get(known)?.get(id)
}

const wish = (backend: AnyBackend, row: AnyConfigurationRow | undefined) => row && wishOf(backend, row)

function wishOf(backend: AnyBackend, row: AnyConfigurationRow): Wish {
  try {
    return wantOf(backend, row)
  } catch (error) {
    return { refusal: wordsOf(error) }
  }
}

/** What a wish asks to be there. */
export const desiredOf = (asked: Wish | undefined): Json | undefined => (asked && 'key' in asked ? asked.desired : undefined)
/** Where it asks it to be. */
export const keyOf = (asked: Wish | undefined): string | undefined => (asked && 'key' in asked ? asked.key : undefined)

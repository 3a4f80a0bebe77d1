import { sql } from 'drizzle-orm'
import type { Difference, Json } from '../app/backend.ts'
import type { PlannedAddress, PlannedEffect } from '../app/plan.ts'
import type { Registry } from '../app/registry.ts'
import type { Coin } from '../coin.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { compare } from './compare.ts'
import { maskDifferences, withoutSecrets } from './mask.ts'
import { wordsOf } from './messages.ts'
import type { HeldSubnet, Stored } from './plan-stored.ts'
import { canonical } from './plan-token.ts'
import { type Course, describe, desiredOf, keyOf, type Wish } from './plan-wants.ts'
import { type ReadTarget, readTarget } from './read-target.ts'

/** What the targets hold, by backend, and whose the places are that somebody else has: by `<backend> <key>`. */
export interface Observed {
  readonly read: ReadonlyMap<string, ReadTarget>
  readonly holders: ReadonlyMap<string, number>
}

/** Reads what is there now under every key that a change concerns, all targets at once. */
export async function observe({ registry, database }: Pick<Coin, 'registry' | 'database'>, courses: readonly Course[]): Promise<Observed> {
  const holders = await holdersOf(database.db, courses)
  const backends = new Map(courses.map(({ backend }) => [backend.name, backend]))
  const read = [...backends.values()].map(async backend => {
    const keys = courses.filter(course => course.backend.name === backend.name).flatMap(placesOf)
    return [backend.name, await readTarget(registry, backend, [...new Set(keys)])] as const
  })
  return { holders, read: new Map(await Promise.all(read)) }
}

/** Places that belong to configurations which the change does not concern. */
async function holdersOf(db: Tx, courses: readonly Course[]): Promise<ReadonlyMap<string, number>> {
  const wanted = courses.map(({ backend, steps }) => ({ backend: backend.name, key: keyOf(steps[0]?.after) }))
  const { rows } = await db.execute<{ place: string; id: number }>(sql`
    SELECT s.backend || ' ' || s.key AS place, s.configuration_id AS id
    FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS w (backend text, key text) JOIN provisioning_state s ON s.backend = w.backend AND s.key = w.key
    WHERE s.configuration_id <> ALL (${sql.param(courses.map(({ id }) => id))}::bigint[])`)
  return new Map(rows.map(({ place, id }) => [place, Number(id)]))
}

/** Where something of a configuration is or would be. */
function placesOf({ place, steps }: Course): string[] {
  const [now] = steps
  return [place ?? keyOf(now?.before), keyOf(now?.after)].filter(key => key !== undefined)
}

/** What the backends would do: at once, compared with what is there, and on days to come. */
export const effectsOf = (courses: readonly Course[], observed: Observed): PlannedEffect[] =>
  courses.flatMap(course => {
    const read = observed.read.get(course.backend.name) ?? { ok: false, error: '' }
    return [atOnce(course, read, observed.holders), ...later(course)]
  })

function atOnce(course: Course, read: ReadTarget, holders: Observed['holders']): PlannedEffect {
  const { backend, steps } = course
  const { before, after } = steps[0] ?? {}
  const key = keyOf(after) ?? course.place ?? keyOf(before) ?? ''
  const former = course.place ?? (desiredOf(before) === undefined ? undefined : keyOf(before))
  const said = { ...nameOf(course), key, ...(former !== undefined && former !== key && { leaves: former }) }
  if (after && 'refusal' in after) return { ...said, state: 'refused', error: after.refusal, differences: [] }
  const holder = holders.get(`${backend.name} ${key}`)
  if (holder !== undefined && desiredOf(after) !== undefined)
    return { ...said, state: 'refused', error: wordsOf(placeTaken(key, holder)), differences: [] }
  const values = [desiredOf(before), desiredOf(after)]
  const unread = read.ok
    ? placesOf(course)
        .map(place => read.found.get(place))
        .find(there => there instanceof Error)
    : read.error
  if (!read.ok || unread !== undefined) {
    const error = withoutSecrets(backend, read.ok ? wordsOf(unread) : read.error, values)
    return { ...said, state: 'unreadable', error, differences: between(course, before, after) }
  }
  // errors are out of the way
  const found = read.found as ReadonlyMap<string, Json>
  const left = placesOf(course).filter(place => place !== keyOf(after))
  const differences = [
    ...left.flatMap(place => compare(backend, undefined, found.get(place))),
    ...(after ? compare(backend, desiredOf(after), found.get(key)) : []),
  ]
  return { ...said, state: 'compared', differences: maskDifferences(backend, differences) }
}

/** Days to come on which the change makes a difference that it has not made before. */
function later(course: Course): PlannedEffect[] {
  const { steps } = course
  const pair = (step: Course['steps'][number] | undefined) => (step ? canonical([step.before ?? null, step.after ?? null]) : '')
  const told = new Set([pair(steps[0])])
  return steps.slice(1).flatMap((step, n): PlannedEffect[] => {
    const differences = between(course, step.before, step.after)
    const refusal = step.after && 'refusal' in step.after ? step.after.refusal : undefined
    if (told.has(pair(step)) || (differences.length === 0 && refusal === undefined)) return []
    told.add(pair(step))
    const [from, to] = [keyOf(step.before), keyOf(step.after)]
    const end = steps.slice(n + 2).find(next => pair(next) !== pair(step))?.day
    return [
      {
        ...nameOf(course),
        key: to ?? from ?? '',
        ...(from !== undefined && to !== undefined && from !== to && { leaves: from }),
        from: step.day,
        ...(end !== undefined && { until: dayBefore(end) }),
        ...(refusal === undefined ? { state: 'expected' } : { state: 'refused', error: refusal }),
        differences,
      },
    ]
  })
}

const placeTaken = (key: string, holder: number) =>
  new CoinError('refused', 'The place {{key}} belongs to configuration {{holder}}; it is free when that one has left it.', {
    values: { key, holder },
  })

const nameOf = ({ backend, about }: Course) => ({ backend: backend.name, label: backend.label, about })

/** From what should be there without the change to what should be there with it. */
function between({ backend }: Course, before: Wish | undefined, after: Wish | undefined): Difference[] {
  const [from, to] = [keyOf(before), keyOf(after)]
  const moves = from !== undefined && to !== undefined && from !== to
  return maskDifferences(
    backend,
    moves
      ? [...compare(backend, undefined, desiredOf(before)), ...compare(backend, desiredOf(after), undefined)]
      : compare(backend, desiredOf(after), desiredOf(before)),
  )
}

const dayBefore = (day: string) => Temporal.PlainDate.from(day).subtract({ days: 1 }).toString()

/** What becomes of the prefixes of the configurations. */
export function addressesOf(registry: Registry, before: Stored, after: Stored): PlannedAddress[] {
  const [held, holds] = [byPrefix(before), byPrefix(after)]
  const prefixes = [...new Set([...held.keys(), ...holds.keys()])]
  return prefixes.map((prefix): PlannedAddress => {
    const [old, now] = [held.get(prefix), holds.get(prefix)]
    const { family, pool } = (now ?? old) as HeldSubnet
    if (!now) return { prefix, family, pool, kind: 'released', restsUntil: old?.restsUntil ?? null }
    if (!old) return { prefix, family, pool, kind: 'added', left: now.left }
    if (old.configurationId === now.configurationId) return { prefix, family, pool, kind: 'kept' }
    return { prefix, family, pool, kind: 'moved', between: [holder(registry, before, old), holder(registry, after, now)] }
  })
}

const byPrefix = ({ subnets }: Stored) => new Map(subnets.map(subnet => [subnet.prefix, subnet]))

function holder(registry: Registry, { days, configurations }: Stored, { configurationId }: HeldSubnet): string {
  const row = configurations.get(days[0] ?? '')?.get(configurationId)
  return row ? describe(registry, row) : `#${configurationId}`
}

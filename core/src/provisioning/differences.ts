import type { Difference, Json } from '../app/backend.ts'

/** Where two values differ, path by path. Lists are compared place by place. */
export function differences(desired: Json | undefined, observed: Json | undefined, path = ''): Difference[] {
  if (Object.is(desired, observed)) return []
  if (!isContainer(desired) || !isContainer(observed) || Array.isArray(desired) !== Array.isArray(observed))
    return [{ path, from: observed, to: desired }]
  const keys = new Set([...Object.keys(desired), ...Object.keys(observed)])
  return [...keys].sort().flatMap(key => differences(own(desired, key), own(observed, key), path === '' ? key : `${path}.${key}`))
}

type Container = { readonly [key: string]: Json }

const isContainer = (value: Json | undefined): value is Container => typeof value === 'object' && value !== null
const own = (value: Container, key: string): Json | undefined => (Object.hasOwn(value, key) ? value[key] : undefined)

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Moved } from '../app/plan.ts'

/** What a plan stands on, part by part. */
export type Parts = Readonly<Record<Moved, unknown>>

const order = ['stored', 'addresses', 'wanted', 'observed', 'money'] as const satisfies readonly Moved[]
const digits = 16

/**
 * The hash that people hand back: a keyed digest (HMAC-SHA-256) of each part, and the number that a new configuration is to have, signed.
 * Keyed, because what a target holds may be a password that somebody could guess offline from a plain digest.
 */
export function tokenOf(secret: string, parts: Parts, reserved: number | undefined): string {
  const digests = order.map(part => digest(secret, `${part}:${canonical(parts[part])}`))
  return [...digests, ...(reserved === undefined ? [] : [`${reserved}x${digest(secret, `reserved:${reserved}`)}`])].join('-')
}

/** The number that a token reserves for a new configuration, when we have signed it. */
export function reservedIn(secret: string, token: string): number | undefined {
  const [, number = '', signature = ''] = /^(\d{1,15})x([0-9a-f]+)$/.exec(token.split('-')[order.length] ?? '') ?? []
  return number && same(signature, digest(secret, `reserved:${number}`)) ? Number(number) : undefined
}

/** What has moved from one token to another. A token that is not one has everything moved. */
export function movedBetween(shown: string, now: string): Moved[] {
  const [a, b] = [shown.split('-'), now.split('-')]
  const moved = order.filter((_, n) => !same(a[n] ?? '', b[n] ?? ''))
  return moved.length === 0 && !same(shown, now) ? ['stored'] : moved
}

const digest = (secret: string, text: string) => createHmac('sha256', `coin plan ${secret}`).update(text).digest('hex').slice(0, digits)
const same = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** JSON that is the same for the same value, whatever the order of its keys. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value)) ?? 'null'

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

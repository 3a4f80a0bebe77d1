import type { ConfigurationTable, ConfigurationView } from './configuration.ts'
import type { Access, View } from './view.ts'

interface RouteBase {
  /** How it is named in `url()`: `<app or namespace>:<view>`. */
  readonly name: string
  readonly app: string
  /** Hono's pattern, without the base path: `/vpn/:id{[0-9]+}/password`. */
  readonly path: string
  readonly access: Access
}
export type Route =
  | (RouteBase & { readonly kind: 'view'; readonly view: View })
  | (RouteBase & { readonly kind: 'configuration'; readonly type: string; readonly view: ConfigurationView<ConfigurationTable> })

/** `/a` and `/b/` joined: `/a/b`; `/` when there is nothing. */
export function joinPaths(...parts: readonly string[]): string {
  const joined = parts.join('/').replace(/\/+/g, '/').replace(/\/$/, '')
  return joined === '' ? '/' : joined.startsWith('/') ? joined : `/${joined}`
}

/** The ids of configurations are numbers: `/:id` leaves the words of the same prefix to other views. */
export const numericId = (path: string): string => path.replace(/:id(?![{\w])/, ':id{[0-9]+}')

interface Segment {
  readonly kind: 'word' | 'number' | 'any' | 'rest'
  readonly word: string
}
const segmentsOf = (path: string): Segment[] =>
  path
    .split('/')
    .filter(Boolean)
    .map(word => {
      if (word === '*') return { kind: 'rest', word }
      if (!word.startsWith(':')) return { kind: 'word', word }
      return { kind: /\{\[0-9\]\+\}/.test(word) ? 'number' : 'any', word }
    })

/** True when some path could match both patterns. */
export function overlap(a: string, b: string): boolean {
  const [left, right] = [segmentsOf(a), segmentsOf(b)]
  for (let i = 0; ; i++) {
    const [x, y] = [left[i], right[i]]
    if (x?.kind === 'rest' || y?.kind === 'rest') return true
    if (!x || !y) return x === y
    if (!compatible(x, y)) return false
  }
}

function compatible(x: Segment, y: Segment): boolean {
  if (x.kind === 'word' && y.kind === 'word') return x.word === y.word
  if (x.kind === 'any' || y.kind === 'any') return true
  const word = x.kind === 'word' ? x.word : y.kind === 'word' ? y.word : '0'
  return /^[0-9]+$/.test(word)
}

/** A pattern with its parameters filled in. Throws when one is missing. */
export function fill(name: string, pattern: string, parameters: Readonly<Record<string, string | number>>): string {
  const path = pattern.replace(/:(\w+)(\{[^}]*\})?\??/g, (_, key: string) => {
    const value = parameters[key]
    if (value === undefined) throw new Error(`url('${name}'): parameter '${key}' is missing`)
    return encodeURIComponent(value)
  })
  const rest = Object.entries(parameters).filter(([key]) => !new RegExp(`:${key}\\b`).test(pattern))
  const query = new URLSearchParams(rest.map(([key, value]) => [key, String(value)])).toString()
  return query ? `${path}?${query}` : path
}

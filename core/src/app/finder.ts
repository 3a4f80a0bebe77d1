import type { Tx } from '../db/database.ts'
import type { Html } from './html.ts'
import type { Access } from './view.ts'

/** What a finder makes of a text that somebody typed. */
export interface Understood<V> {
  /** Ends the sentence “Understood as …”, in English: `a phone number`. Translated in the words of the finder's app. */
  readonly as: string
  /** What `find` gets. */
  readonly value: V
  /** It can hardly be anything else: what looks for words is not asked then. */
  readonly certain?: true
}

/** How whatever looks for words says so. */
export const partOfAName = 'part of a name, a reference or a number'

/** Words of any kind, at least two characters of them, so that a letter does not find everything: the `understand` of most finders. */
export const asWords = (text: string): Understood<string> | undefined =>
  text.length >= 2 && !/^#\s?\d+$/.test(text) ? { as: partOfAName, value: text } : undefined

/** One thing that was found. */
export interface Hit {
  readonly label: string
  /** What tells it from others of that name. */
  readonly sub?: string | undefined
  /** The path of its page, without the base path. */
  readonly path: string
  readonly state?: Html | undefined
  /** It is exactly what was typed: its number, its reference, its address. */
  readonly exact?: boolean | undefined
}

/** One kind of thing that the search box finds. */
export interface FinderSpec<V> {
  /** snake_case. Of the name of a resource: instead of what the search makes of that resource by itself. */
  readonly name: string
  /** The heading of what it finds, in English: `Phone lines`. */
  readonly label: string
  readonly icon?: string
  /** Who may see what it finds. With a permission that some have for certain offers or groups only, say `narrows`. */
  readonly access: Access
  /** True when `find` itself leaves out what `visibleTo` hides, so that it is also asked for staff who are limited to some offers or groups. */
  readonly narrows?: true
  /** Whether the text, trimmed, may be one of these. Pure, and quick: it is asked with each letter. */
  understand(text: string): Understood<V> | undefined
  /** At most `limit`, the best first. It reads only, and is stopped when it takes too long. */
  find(value: V, tx: Tx, limit: number): Promise<readonly Hit[]>
  /** The path of the list with all of them, without the base path. */
  all?(value: V): string
}

const brand = Symbol.for('coin.finder')

/** A finder as the registry keeps it. */
export interface AnyFinder extends FinderSpec<unknown> {
  readonly [brand]: 1
}

/** True for what `defineFinder` made, whichever copy of the package did. */
export const isFinder = (value: unknown): value is AnyFinder => typeof value === 'object' && value !== null && brand in value

/** Declares something that the search box finds. */
export const defineFinder = <V>(spec: FinderSpec<V>): AnyFinder =>
  // `find` and `all` only ever get what `understand` of the same finder gave
  Object.freeze({ ...(spec as unknown as FinderSpec<unknown>), [brand]: 1 as const })

import ipaddr from 'ipaddr.js'

/** A prefix as numbers. */
export interface Prefix {
  readonly family: 4 | 6
  readonly base: bigint
  readonly length: number
}

/** What a block is. */
export type BlockState = 'taken' | 'free' | 'resting' | 'reserved'

/** A part of a panel that has one state, in cells: from `start`, `cells` of them, always a power of two. */
export interface Piece {
  readonly start: number
  readonly cells: number
}

const width = (family: 4 | 6) => (family === 4 ? 32 : 128)

/** Reads `198.18.40.0/22`, or an address alone. Bits beyond the length are cleared. Throws on anything else. */
export function readPrefix(text: string): Prefix {
  const [address = '', length] = text.split('/')
  const parsed = ipaddr.parse(address)
  const family = parsed.kind() === 'ipv4' ? 4 : 6
  const bits = length === undefined ? width(family) : Number(length)
  if (!Number.isInteger(bits) || bits < 0 || bits > width(family)) throw new RangeError(`Not a prefix: ${text}`)
  const value = parsed.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const low = BigInt(width(family) - bits)
  return { family, base: (value >> low) << low, length: bits }
}

/** Writes a prefix: canonical (RFC 5952), lower case. */
export const writePrefix = (prefix: Prefix): string => `${writeAddress(prefix)}/${prefix.length}`

/** Writes the first address of a prefix. */
export function writeAddress({ family, base }: Prefix): string {
  const bytes = Array.from({ length: width(family) / 8 }, (_, index) => Number((base >> BigInt(width(family) - 8 * (index + 1))) & 255n))
  return family === 4 ? bytes.join('.') : new ipaddr.IPv6(bytes).toRFC5952String()
}

/** An address or prefix as it is shown; a text that is neither is given back. */
export function formatAddress(text: string): string {
  try {
    const prefix = readPrefix(text)
    return text.includes('/') ? writePrefix(prefix) : writeAddress(prefix)
  } catch {
    return text
  }
}

/** How many addresses it holds. */
export const sizeOf = (prefix: Prefix): bigint => 1n << BigInt(width(prefix.family) - prefix.length)

/** True when `inner` is `outer` or lies in it. */
export const contains = (outer: Prefix, inner: Prefix): boolean =>
  outer.family === inner.family && outer.length <= inner.length && inner.base >= outer.base && inner.base < outer.base + sizeOf(outer)

/** Orders by number, IPv4 first. */
export const comparePrefixes = (a: Prefix, b: Prefix): number =>
  a.family - b.family || (a.base < b.base ? -1 : a.base > b.base ? 1 : 0) || a.length - b.length

/** The part of a prefix numbered `index`, when cut into pieces of `length`. */
export const partOf = (prefix: Prefix, length: number, index: number): Prefix => ({
  family: prefix.family,
  base: prefix.base + (BigInt(index) << BigInt(width(prefix.family) - length)),
  length,
})

/** One rectangle of at most 256 cells. */
export interface Panel {
  readonly prefix: Prefix
  /** The length of one cell. */
  readonly cellLength: number
  readonly cells: number
}

/** A panel for `prefix`: cells eight bits longer, or single addresses. */
export function panelOf(prefix: Prefix): Panel {
  const cellLength = Math.min(width(prefix.family), prefix.length + 8)
  return { prefix, cellLength, cells: 2 ** (cellLength - prefix.length) }
}

/** Above this many addresses one level is opened at a time. */
const wholeBits = 10

/**
 * The panels to draw. Up to 1,024 addresses: all of them, 256 a panel. Larger: the level around `open` (at first, the
 * pool itself), and the opened cell beside it.
 */
export function panelsOf(pool: Prefix, open?: Prefix): Panel[] {
  const bits = width(pool.family) - pool.length
  if (bits <= 8) return [panelOf(pool)]
  if (bits <= wholeBits) return Array.from({ length: 2 ** (bits - 8) }, (_, index) => panelOf(partOf(pool, pool.length + bits - 8, index)))
  if (!open || !contains(pool, open) || open.length <= pool.length) return [panelOf(pool)]
  const steps = Math.ceil((open.length - pool.length) / 8)
  const level = (step: number): Prefix => ancestor(open, Math.min(pool.length + 8 * step, open.length))
  const above = panelOf(level(steps - 1))
  return level(steps).length >= width(pool.family) ? [above] : [above, panelOf(level(steps))]
}

/** The prefix of `length` around another. */
export function ancestor(prefix: Prefix, length: number): Prefix {
  const low = BigInt(width(prefix.family) - length)
  return { family: prefix.family, base: (prefix.base >> low) << low, length }
}

/** Where a block lies in a panel; `undefined` outside, and for one smaller than a cell (see `cellOf`). */
export function pieceOf(panel: Panel, block: Prefix): Piece | undefined {
  if (contains(block, panel.prefix)) return { start: 0, cells: panel.cells }
  if (!contains(panel.prefix, block) || block.length > panel.cellLength) return undefined
  return { start: cellOf(panel, block), cells: 2 ** (panel.cellLength - block.length) }
}

/** The number of the cell that holds the first address of a block. */
export const cellOf = (panel: Panel, block: Prefix): number =>
  Number((block.base - panel.prefix.base) >> BigInt(width(panel.prefix.family) - panel.cellLength))

/** A rectangle in a panel of 32 × 8 cells. */
export const rectangleOf = ({ start, cells }: Piece): { x: number; y: number; width: number; height: number } => ({
  x: start % 32,
  y: Math.floor(start / 32),
  width: Math.min(cells, 32),
  height: Math.max(1, cells / 32),
})

/** How full a cell is, in five steps: 0 is empty, 4 is half or more. The steps are those of 256: 1, 10, 30, 128. */
export function fillStep(taken: bigint, capacity: bigint): 0 | 1 | 2 | 3 | 4 {
  if (taken <= 0n) return 0
  const reaches = (of256: bigint) => taken * 256n >= capacity * of256
  return reaches(128n) ? 4 : reaches(30n) ? 3 : reaches(10n) ? 2 : 1
}

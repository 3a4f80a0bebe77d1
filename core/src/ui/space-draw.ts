import {
  type BlockState,
  cellOf,
  contains,
  fillStep,
  type Panel,
  type Prefix,
  partOf,
  pieceOf,
  rectangleOf,
  sizeOf,
  writePrefix,
} from './space.ts'

/** A block of the shown level. */
export interface SpaceBlock {
  readonly prefix: string
  readonly state: BlockState
  /** Who has it, or until when it rests: shown beside the prefix when pointed at. */
  readonly label?: string | undefined
  readonly href?: string | undefined
}

/** How full one cell of a large pool is. */
export interface SpaceFill {
  readonly prefix: string
  /** In any unit, as long as both have the same. */
  readonly taken: number | bigint
  readonly capacity: number | bigint
  readonly label?: string | undefined
}

interface Situation {
  readonly blocks: readonly (SpaceBlock & { readonly range: Prefix })[]
  readonly fills: readonly (SpaceFill & { readonly range: Prefix })[] | undefined
  readonly openHref: ((prefix: string) => string) | undefined
  readonly linked: boolean
  readonly here: Prefix | undefined
}

/** A panel as SVG, and what it shows in figures. */
export interface Drawing {
  readonly panel: Panel
  readonly svg: string
  readonly addresses: Readonly<Record<BlockState, bigint>>
  readonly usedCells: number
  /** True when some cell is coloured by how full it is. */
  readonly shaded: boolean
}

const classOf: Readonly<Record<BlockState, string>> = { taken: 'c-taken', free: 'c-free', resting: 'c-rest', reserved: 'c-keep' }

/** Draws one panel: a grid of free cells, a rectangle per block, a shade per cell that holds smaller blocks. */
export function drawPanel(panel: Panel, situation: Situation): Drawing {
  const inside = situation.blocks.filter(({ range }) => contains(panel.prefix, range) || contains(range, panel.prefix))
  const sums = new Map<number, Map<BlockState, bigint>>()
  const addresses: Record<BlockState, bigint> = { taken: 0n, free: 0n, resting: 0n, reserved: 0n }
  const used = new Set<number>()
  let svg = `<rect class="grid" width="${Math.min(panel.cells, 32) * 10}" height="${Math.max(1, panel.cells / 32) * 10}"/>`
  const paths = new Map<string, string>()
  for (const block of inside) {
    if (block.state === 'free') continue
    const held = contains(block.range, panel.prefix) ? sizeOf(panel.prefix) : sizeOf(block.range)
    addresses[block.state] += held
    const piece = pieceOf(panel, block.range)
    if (!piece) {
      const cell = cellOf(panel, block.range)
      const states = sums.get(cell) ?? new Map<BlockState, bigint>()
      states.set(block.state, (states.get(block.state) ?? 0n) + held)
      sums.set(cell, states)
      continue
    }
    for (let cell = piece.start; cell < piece.start + piece.cells; cell++) used.add(cell)
    const { x, y, width, height } = rectangleOf(piece)
    if (situation.linked) {
      const shape = `<rect class="${classOf[block.state]}" x="${x * 10}" y="${y * 10}" width="${width * 10}" height="${height * 10}" rx="1.5"/>`
      svg += link(block.href, [block.prefix, block.label].filter(Boolean).join(', '), shape)
    } else addPath(paths, classOf[block.state], x, y, width, height)
  }
  const fills = situation.fills?.filter(({ range }) => range.length === panel.cellLength && contains(panel.prefix, range))
  const shades = fills?.length ? fills.map(fromFill(panel)) : [...sums].map(([cell, states]) => fromSums(panel, cell, states))
  for (const { cell, name, words } of shades) {
    used.add(cell)
    const { x, y } = rectangleOf({ start: cell, cells: 1 })
    const prefix = writePrefix(partOf(panel.prefix, panel.cellLength, cell))
    const shape = `<rect class="${name}" x="${x * 10}" y="${y * 10}" width="10" height="10" rx="1.5"/>`
    if (situation.linked || situation.openHref) svg += link(situation.openHref?.(prefix), words ? `${prefix}, ${words}` : prefix, shape)
    else addPath(paths, name, x, y, 1, 1)
  }
  for (const [name, path] of paths) svg += `<path class="${name}" d="${path}"/>`
  svg += outline(panel, situation.here)
  addresses.free = sizeOf(panel.prefix) - addresses.taken - addresses.resting - addresses.reserved
  return { panel, svg, addresses, usedCells: used.size, shaded: shades.some(shade => /^c-\d/.test(shade.name)) }
}

interface Shade {
  readonly cell: number
  readonly name: string
  readonly words: string
}

const fromFill =
  (panel: Panel) =>
  ({ range, taken, capacity, label }: SpaceFill & { readonly range: Prefix }): Shade => {
    const step = fillStep(BigInt(taken), BigInt(capacity))
    return { cell: cellOf(panel, range), name: step === 0 ? 'c-free' : `c-${step}`, words: label ?? `${taken}/${capacity}` }
  }

function fromSums(panel: Panel, cell: number, states: ReadonlyMap<BlockState, bigint>): Shade {
  const taken = states.get('taken') ?? 0n
  const step = fillStep(taken, sizeOf(partOf(panel.prefix, panel.cellLength, cell)))
  return { cell, name: step > 0 ? `c-${step}` : states.has('resting') ? 'c-rest' : 'c-keep', words: '' }
}

/** The gap between shapes is the card showing through, as the stroke is for those with a link. */
function addPath(paths: Map<string, string>, name: string, x: number, y: number, width: number, height: number) {
  paths.set(name, `${paths.get(name) ?? ''}M${x * 10} ${y * 10}h${width * 10}v${height * 10}h-${width * 10}z`)
}

function outline(panel: Panel, here: Prefix | undefined): string {
  if (!here || !contains(panel.prefix, here) || here.length === panel.prefix.length) return ''
  const piece = pieceOf(panel, here) ?? { start: cellOf(panel, here), cells: 1 }
  const { x, y, width, height } = rectangleOf(piece)
  return `<rect class="here" x="${x * 10 + 0.5}" y="${y * 10 + 0.5}" width="${width * 10 - 1}" height="${height * 10 - 1}" rx="1.5"/>`
}

/** Out of the tab order: the table under the picture has the same links. */
function link(href: string | undefined, title: string, shape: string): string {
  const words = `<title>${escaped(title)}</title>`
  return href ? `<a href="${escaped(href)}" tabindex="-1">${words}${shape}</a>` : `<g>${words}${shape}</g>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replace(/[&<>"']/g, character => entities[character] ?? '')

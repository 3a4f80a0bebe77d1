import { raw } from 'hono/html'
import { t } from '../app/i18n.ts'
import { formatNumber } from './format.ts'
import { classes, type Html } from './html.ts'
import { Address } from './layout.tsx'
import { type BlockState, contains, panelsOf, readPrefix, sizeOf, writePrefix } from './space.ts'
import { type Drawing, drawPanel, type SpaceBlock, type SpaceFill } from './space-draw.ts'

export type { SpaceBlock, SpaceFill } from './space-draw.ts'

interface SpaceProps {
  /** A prefix of the pool, such as `198.18.40.0/22`. */
  readonly pool: string
  /** The blocks that lie in the shown level. Those missing are free. */
  readonly blocks: readonly SpaceBlock[]
  /** For a large pool, how full each cell of the upper panel is, when `blocks` does not hold all that lies in it. */
  readonly fills?: readonly SpaceFill[]
  /** The opened part of a large pool. */
  readonly open?: string | undefined
  /** Where one opens a part of a large pool. */
  readonly openHref?: ((prefix: string) => string) | undefined
  /** Outlined. */
  readonly here?: string | undefined
}

/** At most this much of a page is picture; above it, blocks are drawn without a link each. */
const budget = 40_000

/**
 * The picture of address space: panels of 256 cells, 32 × 8, so that every prefix is a rectangle. It is for the eye only:
 * a hidden sentence sums it up, and the page must say everything in a table as well.
 */
export function Space({ pool, blocks, fills, open, openHref, here }: SpaceProps) {
  const whole = readPrefix(pool)
  const panels = panelsOf(whole, open === undefined ? undefined : readPrefix(open))
  const read = blocks.map(block => ({ ...block, range: readPrefix(block.prefix) }))
  const known = fills?.map(fill => ({ ...fill, range: readPrefix(fill.prefix) }))
  const outlined = here === undefined ? undefined : readPrefix(here)
  const draw = (linked: boolean) =>
    panels.map((panel, index) => {
      const next = panels[index + 1]?.prefix
      const opened = next && contains(panel.prefix, next) && next.length > panel.prefix.length ? next : undefined
      return drawPanel(panel, { blocks: read, fills: known, openHref, linked, here: opened ?? outlined })
    })
  const rich = draw(true)
  const drawings = rich.reduce((sum, drawing) => sum + drawing.svg.length, 0) <= budget ? rich : draw(false)
  return (
    <>
      {patterns}
      <p class="visually-hidden">
        {drawings.map(summary).join(' ')} {t('The list below says the same.')}
      </p>
      <div class={classes('space', panels.length === 1 && 'single')}>
        {drawings.map(drawing => (
          <section class="panel">
            <h3>
              <Address>{writePrefix(drawing.panel.prefix)}</Address>
              <span class="quiet fw-normal">{note(drawing)}</span>
            </h3>
            <svg viewBox={`0 0 320 ${Math.max(10, (drawing.panel.cells / 32) * 10)}`} aria-hidden="true">
              {raw(drawing.svg)}
            </svg>
          </section>
        ))}
      </div>
      <Legend shaded={drawings.some(drawing => drawing.shaded)} />
    </>
  )
}

/** A small square in the colour of a state, before its word. */
export const SpaceKey = ({ state }: { state: BlockState }) => <Square class={classOf[state]} />

const Square = ({ class: name }: { class: string }) => (
  <svg class="key" viewBox="0 0 8 8" aria-hidden="true">
    <rect class={name} width="8" height="8" rx="2" />
  </svg>
)

const classOf: Readonly<Record<BlockState, string>> = { taken: 'c-taken', free: 'c-free', resting: 'c-rest', reserved: 'c-keep' }

/** Fills used by every panel: the hatch of resting blocks and the grid of free cells. */
export const patterns: Html = raw(
  '<svg width="0" height="0" aria-hidden="true" class="position-absolute"><defs>' +
    '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="hatch-bg" stroke="none" width="5" height="5"/>' +
    '<path class="hatch-line" d="M-1 6 6-1M4 6l2-2M-1 1l2-2"/></pattern>' +
    '<pattern id="cells" width="10" height="10" patternUnits="userSpaceOnUse"><rect class="c-free" x=".45" y=".45" width="9.1" height="9.1" rx="1.5"/></pattern>' +
    '</defs></svg>',
)

function Legend({ shaded }: { shaded: boolean }) {
  const steps: [string, string][] = shaded
    ? [
        ['c-1', t('Under 4% taken')],
        ['c-2', t('4–12%')],
        ['c-3', t('12–50%')],
        ['c-4', t('Half or more')],
      ]
    : [['c-taken', t('Taken')]]
  const all: [string, string][] = [...steps, ['c-free', t('Free')], ['c-rest', t('Resting')], ['c-keep', t('Reserved')]]
  return (
    <ul class="legend quiet mt-2">
      {all.map(([name, words]) => (
        <li>
          <Square class={name} />
          {words}
        </li>
      ))}
    </ul>
  )
}

const isSingles = ({ panel }: Drawing) => sizeOf({ ...panel.prefix, length: panel.cellLength }) === 1n

const note = (drawing: Drawing) =>
  isSingles(drawing)
    ? t('{{count}} free', { count: Number(drawing.addresses.free) })
    : t('a cell is a {{size}}', { size: `/${drawing.panel.cellLength}` })

function summary(drawing: Drawing): string {
  const prefix = writePrefix(drawing.panel.prefix)
  if (!isSingles(drawing)) {
    const size = `/${drawing.panel.cellLength}`
    return t('{{prefix}}: {{cells}} blocks {{size}}, {{used}} of them in use.', {
      prefix,
      cells: drawing.panel.cells,
      size,
      used: drawing.usedCells,
    })
  }
  const { taken, free, resting, reserved } = drawing.addresses
  const words = { taken: formatNumber(taken), free: formatNumber(free), resting: formatNumber(resting), reserved: formatNumber(reserved) }
  return t('{{prefix}}: {{taken}} addresses taken, {{free}} free, {{resting}} resting, {{reserved}} reserved.', { prefix, ...words })
}

import { t } from '../app/i18n.ts'
import { type Content, classes } from './html.ts'

/** How a part of a bar is filled, and its square in the legend. */
export type BarFill = 'accent' | 'ok' | 'drift' | 'wait' | 'fail' | 'soft' | 'none'

export interface BarSeries {
  readonly label: string
  readonly fill: BarFill
}

export interface Bar {
  /** Under it; short. */
  readonly label: Content
  /** One per series, stacked from zero up; what is below zero goes down. Only their proportions are drawn. */
  readonly values: readonly number[]
  /** Over it, for a few bars: the amount. */
  readonly note?: Content
  /** Fills this bar instead of its series. */
  readonly fill?: BarFill
}

interface BarChartProps {
  /** What the picture says, in one sentence: it stands for the picture. */
  readonly sentence: string
  readonly series: readonly BarSeries[]
  readonly bars: readonly Bar[]
  /** What the longest bar stands for, at its height. */
  readonly top?: Content
  /** The same figures, as a table. */
  readonly table: Content
  /** Several series stand side by side instead of on one another. */
  readonly beside?: boolean
}

const height = 60

/** Upright bars, from zero, stacked when there are several series, or side by side; the words are HTML and the figures are in the table beside it. */
export function BarChart({ sentence, series, bars, top, table, beside = false }: BarChartProps) {
  const rise = beside
    ? (values: readonly number[]) => Math.max(...values, 0)
    : (values: readonly number[]) => sum(values.filter(value => value > 0))
  const depth = beside
    ? (values: readonly number[]) => Math.min(...values, 0)
    : (values: readonly number[]) => sum(values.filter(value => value < 0))
  const highest = Math.max(...bars.map(({ values }) => rise(values)), 0)
  const lowest = Math.min(...bars.map(({ values }) => depth(values)), 0)
  const span = highest - lowest || 1
  const y = (value: number) => ((highest - value) / span) * height
  const step = 100 / Math.max(1, bars.length)
  const width = (step * 0.68) / (beside ? Math.max(1, series.length) : 1)
  return (
    <div class="bars">
      {series.length > 1 && <Legend series={series} />}
      {bars.some(({ note }) => note !== undefined) && <BarLabels bars={bars.map(({ note }) => note)} />}
      {top !== undefined && <p class="bars-top small quiet">{top}</p>}
      <svg class="chart" viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" role="img" aria-label={sentence}>
        {bars.map((bar, index) =>
          (beside ? alone(bar.values) : stacked(bar.values)).map(({ from, to, of }) => (
            <rect
              class={classes('bar-part', `f-${bar.fill ?? series[of]?.fill ?? 'accent'}`)}
              x={round(index * step + step * 0.16 + (beside ? of * width : 0))}
              width={round(width)}
              y={round(y(Math.max(from, to)))}
              height={round(Math.abs(y(from) - y(to)))}
            />
          )),
        )}
        <path class="rule" d={`M0 ${round(y(0))}H100`} />
      </svg>
      <BarLabels bars={bars.map(({ label }) => label)} />
      <details class="as-table">
        <summary>{t('As a table')}</summary>
        {table}
      </details>
    </div>
  )
}

/** What each fill stands for. */
export const Legend = ({ series }: { series: readonly BarSeries[] }) => (
  <ul class="legend quiet">
    {series.map(({ label, fill }) => (
      <li>
        <svg class="key" viewBox="0 0 8 8" aria-hidden="true">
          <rect class={`f-${fill}`} width="8" height="8" rx="2" />
        </svg>
        {label}
      </li>
    ))}
  </ul>
)

const BarLabels = ({ bars }: { bars: readonly Content[] }) => (
  <div class="bar-labels" aria-hidden="true">
    {bars.map(label => (
      <span>{label}</span>
    ))}
  </div>
)

interface Part {
  readonly from: number
  readonly to: number
  readonly of: number
}

/** Each value by itself, from zero. */
const alone = (values: readonly number[]): readonly Part[] => values.flatMap((to, of) => (to === 0 ? [] : [{ from: 0, to, of }]))

/** Each value on top of those before it, or below them. */
function stacked(values: readonly number[]): readonly Part[] {
  let [up, down] = [0, 0]
  return values.flatMap((value, of) => {
    if (value === 0) return []
    const from = value > 0 ? up : down
    if (value > 0) up += value
    else down += value
    return [{ from, to: from + value, of }]
  })
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const round = (value: number) => value.toFixed(2)

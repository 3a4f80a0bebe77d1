import { t } from '../app/i18n.ts'
import { type BarFill, type BarSeries, Legend } from './bar-chart.tsx'
import type { Content } from './html.ts'

export interface AreaSeries extends BarSeries {
  /** From left to right, as many as the others have; stacked on those of the series before. */
  readonly values: readonly number[]
}

interface AreaChartProps {
  /** What the picture says, in one sentence: it stands for the picture. */
  readonly sentence: string
  readonly series: readonly AreaSeries[]
  /** Under it, from left to right with equal gaps: a few moments and what they stand at. */
  readonly axis: readonly Content[]
  /** The same figures, as a table. */
  readonly table: Content
}

const height = 60

/** Areas on one another, from zero, over time. */
export function AreaChart({ sentence, series, axis, table }: AreaChartProps) {
  const count = Math.max(0, ...series.map(({ values }) => values.length))
  const sums = Array.from({ length: count }, (_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0))
  const highest = Math.max(...sums, 0) || 1
  const point = (at: number, value: number) =>
    `${((at / Math.max(1, count - 1)) * 100).toFixed(2)} ${(height - (value / highest) * height * 0.94).toFixed(2)}`
  let below = sums.map(() => 0)
  const layers = series.map(({ fill, values }) => {
    const bottom = below
    const top = bottom.map((value, at) => value + (values[at] ?? 0))
    below = top
    const edge = top.map((value, at) => point(at, value)).join('L')
    const back = bottom
      .map((value, at) => point(at, value))
      .reverse()
      .join('L')
    return { fill, edge, shape: `M${edge}L${back}Z` }
  })
  return (
    <div class="bars">
      {series.length > 1 && <Legend series={series} />}
      <svg class="chart" viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" role="img" aria-label={sentence}>
        {layers.map(({ fill, shape }) => (
          <path class={`bar-part f-${series.length === 1 ? 'soft' : fill}`} d={shape} />
        ))}
        {layers.length === 1 && <path class="line" d={`M${layers[0]?.edge}`} />}
        <path class="rule" d={`M0 ${height}H100`} />
      </svg>
      <p class="axis m-0">
        {axis.map((words, at) => (
          <span class={at > 0 && at < axis.length - 1 ? 'wide' : undefined}>{words}</span>
        ))}
      </p>
      <details class="as-table">
        <summary>{t('As a table')}</summary>
        {table}
      </details>
    </div>
  )
}

/** Fills in the order of their series; what is left over has the last. */
export const seriesFills: readonly BarFill[] = ['accent', 'wait', 'drift', 'ok', 'soft', 'none']

/** What the past says about the day on which a pool is full. Months count from now. */
export type Exhaustion =
  /** Nothing is left. */
  | { readonly kind: 'full' }
  /** Less than three months are known: nobody can tell. */
  | { readonly kind: 'unknown' }
  /** No more is taken than is given back. */
  | { readonly kind: 'never' }
  /** Later than anybody should plan for; `latest` known: even at the fastest that the past allows. */
  | { readonly kind: 'far'; readonly sure: boolean }
  /** At this pace in so many months; between the earliest and the latest by the past's ups and downs, `null` when it may as well never be. */
  | { readonly kind: 'near'; readonly months: number; readonly earliest: number; readonly latest: number | null; readonly sure: boolean }

/** Five years: beyond it a line through twelve months means nothing. */
export const horizon = 60

/**
 * Draws the straight line through what was taken at the end of each month, the oldest first, and follows it from the last of them until `space`
 * is used up. How sure it is follows from how far the months lie from the line (two standard errors of its slope). Pure.
 */
export function exhaustionOf(taken: readonly number[], space: number): Exhaustion {
  const last = taken.at(-1) ?? 0
  const left = space - last
  if (left <= 0) return { kind: 'full' }
  if (taken.length < 3) return { kind: 'unknown' }
  const { slope, error } = lineThrough(taken)
  const after = (pace: number) => (pace > 0 ? left / pace : Number.POSITIVE_INFINITY)
  const [months, earliest, latest] = [after(slope), after(slope + 2 * error), after(slope - 2 * error)]
  if (slope <= 0 && earliest > horizon) return { kind: 'never' }
  if (months > horizon) return { kind: 'far', sure: earliest > horizon }
  return {
    kind: 'near',
    months,
    earliest,
    latest: latest > 2 * horizon ? null : latest,
    sure: latest - earliest <= months / 2,
  }
}

/** The slope of the line with the least squares, and its standard error. */
function lineThrough(values: readonly number[]): { readonly slope: number; readonly error: number } {
  const count = values.length
  const [middle, mean] = [(count - 1) / 2, values.reduce((sum, value) => sum + value, 0) / count]
  const spread = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
  const slope = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0) / spread
  const missed = values.reduce((sum, value, at) => sum + (value - mean - slope * (at - middle)) ** 2, 0)
  return { slope, error: Math.sqrt(missed / (count - 2) / spread) }
}

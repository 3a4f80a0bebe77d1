import type { Context } from 'hono'
import { CoinError } from '../errors.ts'
import { parseDate } from '../ui/index.ts'

/** What the page of calls sends: a day, and members when some were chosen. */
export interface Chosen {
  /** ISO. */
  readonly until: string
  /** Undefined: all whom the day names. */
  readonly ids: readonly number[] | undefined
  /** It was looked at, and is to be done. */
  readonly apply: boolean
}

/** Reads it. Ids come one by one from boxes, or all in one field from a page that shows what will be done. */
export async function readChosen(c: Context): Promise<Chosen> {
  const { id, ids, until, do: verb } = await c.req.parseBody({ all: true })
  const texts =
    typeof ids === 'string' ? ids.split(',').filter(text => text !== '') : id === undefined ? undefined : [id].flat().map(String)
  const date = parseDate(String(until ?? ''))
  if (!date.ok || texts?.some(text => !/^\d{1,15}$/.test(text)))
    throw new CoinError('invalid', 'What was sent cannot be read.', { hint: 'Open the page again and send it from there.' })
  return { until: date.value, ids: texts?.map(Number), apply: verb === 'apply' }
}

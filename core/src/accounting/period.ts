import { currentScope } from '../app/scope.ts'
import { CoinError, invalid } from '../errors.ts'
import { parseDate } from '../ui/index.ts'

/** Both days belong to it; ISO. */
export interface Period {
  readonly from: string
  readonly to: string
}

/** The financial year that a day lies in. */
export function yearOf(day: string): Period {
  const { yearStart } = currentScope().registry.config.accounting
  const sameYear = Temporal.PlainDate.from(`${day.slice(0, 4)}-${yearStart}`)
  const from = Temporal.PlainDate.compare(sameYear, day) > 0 ? sameYear.subtract({ years: 1 }) : sameYear
  return { from: from.toString(), to: from.add({ years: 1 }).subtract({ days: 1 }).toString() }
}

/** Reads two days, in any form that a field takes; the financial year so far unless given. Throws at `from` or `to`. */
export function readPeriod(from: string | undefined, to: string | undefined, today: string): Period {
  const period = { from: dayIn(from, 'from') ?? yearOf(dayIn(to, 'to') ?? today).from, to: dayIn(to, 'to') ?? today }
  if (period.to < period.from) throw invalid('to', 'The last day is before the first one.')
  return period
}

/** A FEC is of one financial year: entries are numbered within it. */
export function checkOneYear({ from, to }: Period): void {
  const year = yearOf(from)
  if (to > year.to)
    throw new CoinError('invalid', 'A FEC is of one financial year, which ends on {{date}}.', {
      values: { date: year.to },
      hint: 'Export each year by itself.',
      fields: [{ field: 'to', message: 'A FEC is of one financial year, which ends on {{date}}.', values: { date: year.to } }],
    })
}

function dayIn(typed: string | undefined, field: string): string | undefined {
  if (!typed?.trim()) return undefined
  const day = parseDate(typed.trim())
  if (!day.ok) throw invalid(field, day.message, day.values)
  return day.value
}

import { type SQL, sql } from 'drizzle-orm'
import type { Term } from '../app/personal-data.ts'
import { currentScope } from '../app/scope.ts'

/** How long what was booked is kept. */
export const accountingTerm: Term = { years: 10, from: 'the end of the financial year', law: 'Code de commerce, art. L123-22' }

/** The last day on which what was booked on this day must be kept: ten years after the end of its financial year. */
export function accountingUntil(day: SQL): SQL {
  const [month = 1, date = 1] = currentScope().registry.config.accounting.yearStart.split('-').map(Number)
  const start = sql`make_date(extract(year FROM ${day})::int, ${month}::int, ${date}::int)`
  return sql`(${start} + CASE WHEN ${day} >= ${start} THEN interval '11 years' ELSE interval '10 years' END - interval '1 day')::date`
}

/** What must be kept no longer: the last day of its term is past. */
export const accountingOver = (day: SQL): SQL => sql`${accountingUntil(day)} < coin.today()`

/** The latest of the last days of what a statement selects as `day`, while it is not past. */
export const latestAccounting = (days: SQL): SQL =>
  sql`SELECT max(${accountingUntil(sql`x.day`)}) FROM (${days}) x WHERE NOT ${accountingOver(sql`x.day`)}`

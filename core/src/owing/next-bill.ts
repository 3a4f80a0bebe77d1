import { sql } from 'drizzle-orm'
import { parseCronItem } from 'graphile-worker'
import { currentScope } from '../app/scope.ts'
import { readOffers, readTerms } from '../billing/terms.ts'
import { type DraftBill, workOutTerms } from '../billing/work-out.ts'
import type { Tx } from '../db/database.ts'

/** What the next run will bill a member, as things are known now. */
export interface NextBill {
  /** The day of that run, ISO. */
  readonly on: string
  /** One for each currency. */
  readonly bills: readonly Pick<DraftBill, 'currency' | 'vat' | 'total' | 'lines'>[]
}

/** What runs have drafted for a member, and nobody has issued yet: one amount for each currency. One statement. */
export async function preparedFor(db: Tx, memberId: number): Promise<readonly { readonly currency: string; readonly total: string }[]> {
  const { rows } = await db.execute<{ currency: string; total: string }>(sql`
    SELECT currency, sum(total)::text AS total FROM invoice WHERE member_id = ${memberId} AND state = 'draft' AND run_id IS NOT NULL GROUP BY currency ORDER BY currency`)
  return rows
}

interface Looked extends Record<string, unknown> {
  readonly id: number
  readonly from: string | null
  readonly next: string | null
  readonly today: string
}

/**
 * Works out the next bill as a run would, without locks and without keeping anything: what was drafted already is not part of it. Undefined when nothing
 * is to come. A constant number of statements.
 */
export async function nextBillOf(db: Tx, memberId: number): Promise<NextBill | undefined> {
  const { registry, locale } = currentScope()
  const { rows } = await db.execute<Looked>(sql`
    SELECT subscription_id AS id, CASE WHEN NOT again THEN settled_until END AS from, CASE WHEN again THEN coin.today() ELSE next_on END AS next, coin.today() AS today
    FROM (SELECT *, recheck OR EXISTS (SELECT FROM subscription_offer o JOIN billing_recheck_offer r USING (offer_id) WHERE o.subscription_id = b.subscription_id) AS again
      FROM billing_state b WHERE member_id = ${memberId}) s
    WHERE again OR next_on IS NOT NULL ORDER BY next, id`)
  const [soonest] = rows
  if (!soonest?.next) return undefined
  const on = runDay(registry.config.billing.schedule, soonest.next, soonest.today)
  const looked = rows.filter(({ next }) => next !== null && next <= on)
  const { bills } = workOutTerms(await readTerms(db, looked), await readOffers(db), new Map([[memberId, locale]]), on)
  const own = bills.flatMap(({ drafts }) => drafts).filter(draft => draft.memberId === memberId)
  return own.length > 0 ? { on, bills: own } : undefined
}

/** The day of the first run after today that finds what begins on `from`; without a schedule, when that begins. */
function runDay(schedule: string | false, from: string, today: string): string {
  if (schedule === false) return from > today ? from : today
  const tomorrow = Temporal.PlainDate.from(today).add({ days: 1 }).toString()
  return scheduledDay(schedule, from > tomorrow ? from : tomorrow)
}

const days = new Map<string, string>()

/** The first day, from one on, on which the schedule has a run. Looked for once a day. */
function scheduledDay(schedule: string, from: string): string {
  const key = `${schedule} ${from}`
  const known = days.get(key)
  if (known) return known
  const { match } = parseCronItem({ task: 'x', match: schedule.trim().replace(/\s+/g, ' ') })
  let day = Temporal.PlainDate.from(from)
  const last = day.add({ years: 1 })
  while (!hasRun(match, day) && Temporal.PlainDate.compare(day, last) < 0) day = day.add({ days: 1 })
  if (days.size > 1000) days.clear()
  days.set(key, day.toString())
  return day.toString()
}

type Match = ReturnType<typeof parseCronItem>['match']

function hasRun(match: Match, { day: date, month, dayOfWeek }: Temporal.PlainDate): boolean {
  for (let minute = 0; minute < 24 * 60; minute++)
    if (match({ min: minute % 60, hour: Math.floor(minute / 60), date, month, dow: dayOfWeek % 7 })) return true
  return false
}

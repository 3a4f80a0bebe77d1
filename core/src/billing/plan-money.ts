import { sql } from 'drizzle-orm'
import type { PlannedLine, PlannedMoney } from '../app/plan.ts'
import type { Tx } from '../db/database.ts'
import { type FeeStep, feeIn, sameFee } from './fee-steps.ts'
import { type Forecast, type ForecastLine, forecast, nextRunDay } from './forecast.ts'
import { decimal } from './money.ts'

/** What the next run bills the subscriptions that a change concerns. */
export interface Bills {
  readonly until: string
  readonly ids: readonly number[]
  /** Undefined when there are too many to work out. */
  readonly forecasts: readonly Forecast[] | undefined
}

/** More subscriptions than this are not worked out: a price of an offer that everybody has takes its time with the run. */
const mostWorkedOut = 2000
/** More than these are summed up. */
const mostShown = 10

/** What a run bills after the changes that this transaction has made. One statement when they concern no subscription. */
export async function billsNow(tx: Tx): Promise<Bills> {
  const { rows } = await tx.execute<{ id: number }>(sql`
    SELECT DISTINCT s.id FROM coin.outbox m JOIN LATERAL (
      SELECT m.entity_id AS id WHERE m.entity = 'subscription'
      UNION ALL SELECT (m.detail ->> 'subscription_id')::bigint
        WHERE m.entity IN ('subscription_offer', 'subscription_suspension', 'subscription_discount', 'subscription_free_price')
      UNION ALL SELECT o.subscription_id FROM subscription_offer o WHERE (m.entity = 'offer' AND o.offer_id = m.entity_id)
        OR (m.entity = 'offer_price' AND o.offer_id = (m.detail ->> 'offer_id')::bigint)) s ON s.id IS NOT NULL
    WHERE m.xid = pg_current_xact_id() ORDER BY s.id LIMIT ${mostWorkedOut + 1}`)
  const ids = rows.map(({ id }) => Number(id))
  if (ids.length === 0) return { until: '', ids, forecasts: [] }
  return billsOf(tx, ids, await nextRunDay(tx))
}

/** What it bills the same subscriptions without them, when they were rolled back. */
export const billsBefore = (tx: Tx, { ids, until }: Bills): Promise<Bills> => billsOf(tx, ids, until)

const billsOf = async (tx: Tx, ids: readonly number[], until: string): Promise<Bills> => ({
  until,
  ids,
  forecasts: ids.length > mostWorkedOut ? undefined : await forecast(tx, ids, until),
})

/** What counts of bills, without the numbers that new rows get. */
export const contentOfBills = ({ until, ids, forecasts }: Bills): unknown => [
  until,
  ids.length,
  forecasts?.map(({ lines, refusal, fees }) => [lines, refusal ?? null, fees]) ?? null,
]

/** What changes: one entry for each subscription that is billed otherwise, or one for all when they are many. */
export function moneyOf(before: Bills, { until, ids, forecasts }: Bills): readonly PlannedMoney[] {
  if (!forecasts || !before.forecasts) return [{ subscriptions: ids.length, until, state: 'too_many', lines: [], difference: [] }]
  const [old, now] = [byId(before.forecasts), byId(forecasts)]
  const found = ids.map(id => ofOne(until, old.get(id), now.get(id))).filter(touches)
  return found.length > mostShown ? [summedUp(until, found)] : found
}

const byId = (forecasts: readonly Forecast[]) => new Map(forecasts.map(each => [each.id, each]))

const touches = ({ state, lines, fee }: PlannedMoney) => state !== 'worked_out' || lines.length > 0 || fee !== undefined

function ofOne(until: string, before: Forecast | undefined, after: Forecast | undefined): PlannedMoney {
  const lines = [
    ...onlyIn(after?.lines ?? [], before?.lines ?? []).map(asPlanned('added')),
    ...onlyIn(before?.lines ?? [], after?.lines ?? []).map(asPlanned('removed')),
  ]
  const fee = feeChange(before?.fees ?? [], after?.fees ?? [])
  return {
    subscriptions: 1,
    about: (after ?? before)?.reference ?? '',
    until,
    ...(after?.refusal ? { state: 'refused', error: after.refusal } : { state: 'worked_out' }),
    lines,
    difference: differenceOf(lines),
    ...(fee && { fee }),
  }
}

const asPlanned =
  (kind: PlannedLine['kind']) =>
  ({ description, explanation, net, currency }: ForecastLine): PlannedLine => ({ kind, description, explanation, amount: net, currency })

/** The lines of one that the other lacks; of two that are alike each counts. */
function onlyIn(some: readonly ForecastLine[], others: readonly ForecastLine[]): ForecastLine[] {
  const left = others.map(line => JSON.stringify(line))
  return some.filter(line => {
    const at = left.indexOf(JSON.stringify(line))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function differenceOf(lines: readonly PlannedLine[]): PlannedMoney['difference'] {
  return [...Map.groupBy(lines, ({ currency }) => currency)].flatMap(([currency, own]) => {
    const sum = own.reduce((total, { kind, amount }) => (kind === 'added' ? total.plus(amount) : total.minus(amount)), decimal(0))
    return sum.eq(0) ? [] : [{ currency, amount: sum.toFixed(2) }]
  })
}

/** From the first day on which a period costs something else until it costs the same again. */
function feeChange(before: readonly FeeStep[], after: readonly FeeStep[]): PlannedMoney['fee'] {
  const days = [...new Set([...before, ...after].map(({ from }) => from))].sort()
  const differs = (day: string) => !sameFee(feeIn(before, day), feeIn(after, day))
  const from = days.find(differs)
  if (from === undefined) return undefined
  const again = days.find(day => day > from && !differs(day))
  return {
    from,
    ...(again !== undefined && { until: Temporal.PlainDate.from(again).subtract({ days: 1 }).toString() }),
    before: feeIn(before, from),
    after: feeIn(after, from),
  }
}

function summedUp(until: string, all: readonly PlannedMoney[]): PlannedMoney {
  const refused = all.find(({ error }) => error !== undefined)?.error
  return {
    subscriptions: all.length,
    until,
    ...(refused ? { state: 'refused', error: refused } : { state: 'worked_out' }),
    lines: [],
    difference: differenceOf(all.flatMap(({ lines }) => lines)),
  }
}

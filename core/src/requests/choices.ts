import { type SQL, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Choice } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { formatDate, formatMoney } from '../ui/index.ts'

interface Offered extends Record<string, unknown> {
  readonly id: number
  readonly name: string
  readonly months: number
  readonly currency: string
  readonly fee: string | null
  readonly initial: string | null
}

/** The offers that members may ask for, with what they cost. */
export const askableOffers = (tx: Tx): Promise<readonly Choice[]> => offersAs(tx, sql`o.sold AND o.askable`)

/** The offers that are sold: staff may choose among all of them. */
export const soldOffers = (tx: Tx): Promise<readonly Choice[]> => offersAs(tx, sql`o.sold`)

async function offersAs(tx: Tx, which: SQL): Promise<readonly Choice[]> {
  const { rows } = await tx.execute<Offered>(sql`
    SELECT o.id, o.name, o.period_months AS months, o.currency, p.period_fee::text AS fee, p.initial_fee::text AS initial
    FROM offer o LEFT JOIN LATERAL (SELECT period_fee, initial_fee FROM offer_price p WHERE p.offer_id = o.id AND p.effective_from <= coin.today()
      ORDER BY p.effective_from DESC LIMIT 1) AS p ON true
    WHERE ${which} ORDER BY o.name, o.id`)
  return rows.map(offer => ({ value: String(offer.id), label: `${offer.name} · ${priceOf(offer)}` }))
}

/** `€28.00 for 1 month, and €40.00 at the start`. */
function priceOf({ fee, initial, currency, months }: Offered): string {
  if (fee === null) return t('No price yet')
  const price = t('{{price}} for {{count}} months', { price: formatMoney(fee, currency), count: months })
  return Number(initial) > 0
    ? t('{{price}}, and {{initial}} at the start', { price, initial: formatMoney(initial ?? '0', currency) })
    : price
}

/** A running subscription of whoever asks. */
export interface Running extends Record<string, unknown> {
  readonly id: number
  readonly reference: string
  readonly offer: string
  readonly startedOn: string
  /** The first day without commitment, when that is to come. */
  readonly committedUntil: string | null
  readonly prefixes: readonly string[]
  /** How long these addresses rest, in days. */
  readonly restDays: number
}

/** What a member has, and has not ended yet. */
export async function runningOf(tx: Tx, memberId: number): Promise<readonly Running[]> {
  const { rows } = await tx.execute<Running>(sql`
    SELECT s.id, s.reference, s.started_on::text AS "startedOn",
      coalesce((SELECT o.name FROM subscription_offer d JOIN offer o ON o.id = d.offer_id
        WHERE d.subscription_id = s.id AND d.during @> greatest(coin.today(), s.started_on)), s.reference) AS offer,
      (SELECT c.day FROM (SELECT (s.started_on + s.commitment_months * interval '1 month')::date AS day) AS c WHERE c.day > coin.today())::text AS "committedUntil",
      coalesce((SELECT jsonb_agg(n.prefix ORDER BY n.prefix) FROM ip_subnet n JOIN configuration c ON c.id = n.configuration_id WHERE c.subscription_id = s.id), '[]') AS prefixes,
      coalesce((SELECT max(p.quarantine_days) FROM ip_subnet n JOIN configuration c ON c.id = n.configuration_id JOIN ip_pool p ON p.id = n.pool_id
        WHERE c.subscription_id = s.id), 0) AS "restDays"
    FROM subscription s WHERE s.member_id = ${memberId} AND s.resigned_on IS NULL ORDER BY s.started_on, s.id`)
  return rows
}

/** The same as choices, for the member who is signed in. */
export async function ownRunning(tx: Tx): Promise<readonly Choice[]> {
  const { memberId } = currentScope().actor
  const running = memberId === undefined ? [] : await runningOf(tx, memberId)
  return running.map(({ id, reference, offer, startedOn, committedUntil }) => ({
    value: String(id),
    label: `${offer} (${reference})`,
    help: committedUntil
      ? t('Since {{date}}, committed until {{until}}', { date: formatDate(startedOn), until: formatDate(committedUntil) })
      : t('Since {{date}}', { date: formatDate(startedOn) }),
  }))
}

/** Today where the provider is, and so many days later, ISO. */
export const dayFromNow = (days = 0): string => Temporal.Now.plainDateISO(currentScope().registry.timeZone).add({ days }).toString()

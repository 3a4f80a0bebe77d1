import { desc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { settleFields } from '../admin/fields.ts'
import { tellValue } from '../admin/history.ts'
import { t } from '../app/i18n.ts'
import { withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { kindIfAny } from './kinds.ts'
import { type RequestRow, requestMessages, requests } from './tables.ts'

/** A message as it was written, oldest first; those for staff only with `notes`. */
export type Message = typeof requestMessages.$inferSelect

export const messagesOf = (tx: Tx, requestId: number, { notes }: { readonly notes: boolean }): Promise<readonly Message[]> =>
  tx
    .select()
    .from(requestMessages)
    .where(sql`${requestMessages.requestId} = ${requestId} AND (${notes} OR ${requestMessages.author} <> 'note')`)
    .orderBy(requestMessages.id)

/** A request of this member; undefined for another's. */
export async function ownRequest(tx: Tx, memberId: number, id: number): Promise<RequestRow | undefined> {
  const [row] = await tx.select().from(requests).where(sql`${requests.id} = ${id} AND ${requests.memberId} = ${memberId}`)
  return row
}

/** The requests of a member, what is open first, then the newest. */
export const requestsOf = (tx: Tx, memberId: number, atMost = 200): Promise<readonly (RequestRow & { readonly about: string })[]> =>
  tx
    .select({ ...getTableColumns(requests), about: aboutSql })
    .from(requests)
    .where(eq(requests.memberId, memberId))
    .orderBy(sql`${requests.state} NOT IN ('open', 'waiting')`, desc(requests.id))
    .limit(atMost)

/** What a request is about, in one word or two: an offer, a subscription, a subject. */
export const aboutSql: SQL<string> = sql<string>`coalesce(
  (SELECT o.name FROM offer o WHERE o.id = request.offer_id),
  (SELECT s.reference FROM subscription s WHERE s.id = request.subscription_id),
  request.wanted ->> 'subject', '')`

/** One field of what was asked for, as people read it. */
export interface Asked {
  readonly label: string
  readonly value: string
  readonly href?: string
}

/** What was asked for, field by field, in the words of its kind. */
export async function askedOf(tx: Tx, request: RequestRow): Promise<readonly Asked[]> {
  const found = kindIfAny(request.kind)
  if (!found) return []
  const names = await namesOf(tx, request)
  return withinScope({ app: found.app }, async () => {
    const told: Asked[] = []
    for (const { choices, ...field } of settleFields(undefined, found.kind.fields, Object.keys(found.kind.fields))) {
      const label = t(field.label)
      if (field.name === 'subscriptionId') told.push({ label, value: names.subscription, href: `/subscriptions/${request.subscriptionId}` })
      else if (field.name === 'offerId') told.push({ label, value: names.offer, href: `/offers/${request.offerId}` })
      else {
        const known = typeof choices === 'function' ? await choices(tx) : choices
        told.push({ label, value: tellValue(request.wanted[field.name], { ...field, ...(known && { choices: known }) }) })
      }
    }
    return told.filter(({ value }) => value !== '')
  })
}

async function namesOf(tx: Tx, request: RequestRow): Promise<{ readonly offer: string; readonly subscription: string }> {
  const { rows } = await tx.execute<{ offer: string; subscription: string }>(sql`
    SELECT coalesce((SELECT name FROM offer WHERE id = ${request.offerId}), '') AS offer,
      coalesce((SELECT s.reference || coalesce(' · ' || (SELECT o.name FROM subscription_offer d JOIN offer o ON o.id = d.offer_id
        WHERE d.subscription_id = s.id AND d.during @> greatest(coin.today(), s.started_on)), '') FROM subscription s WHERE s.id = ${request.subscriptionId}), '') AS subscription`)
  return rows[0] ?? { offer: '', subscription: '' }
}

import { sql } from 'drizzle-orm'
import { defineRequest } from '../../app/request-kind.ts'
import type { Field } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { invalid } from '../../errors.ts'
import { addSubscription } from '../../subscriptions/rules.ts'
import { subscriptionResource } from '../../subscriptions/subscription-resource.tsx'
import { requireAlso } from '../allowed.ts'
import { askableOffers, dayFromNow, soldOffers } from '../choices.ts'

/** What staff settle about a new subscription. */
export const newSubscriptionFields = {
  offerId: { label: 'Offer', kind: 'choice', choices: soldOffers, required: true },
  startedOn: { label: 'Start', kind: 'date', required: true },
} as const satisfies Readonly<Record<string, Field>>

/** A member wants one more subscription. */
export const newSubscription = defineRequest({
  name: 'subscription',
  label: 'A new subscription',
  help: 'Choose among our offers; we say whether it can be done where you are',
  icon: 'router',
  planned: true,
  fields: {
    offerId: { label: 'Offer', kind: 'choice', choices: askableOffers, required: true },
    startedOn: { label: 'From', kind: 'date', required: false, help: 'Empty: as soon as possible' },
  },
  async check({ offerId, wanted }, tx) {
    if (offerId === null || !(await isAskable(tx, offerId))) throw invalid('offerId', 'This offer cannot be asked for.')
    if (typeof wanted.startedOn === 'string' && wanted.startedOn < dayFromNow()) throw invalid('startedOn', 'This day is over.')
  },
  settles: newSubscriptionFields,
  proposed: async ({ offerId, wanted }) => ({ offerId, startedOn: startFor(wanted.startedOn) }),
  accept: ({ memberId }, settled, tx) => subscribe(tx, memberId, settled),
})

/** The day that was wished, or today once that is over. */
export const startFor = (wished: unknown): string => (typeof wished === 'string' && wished > dayFromNow() ? wished : dayFromNow())

/** Makes the subscription that was settled, when whoever accepts may make it. */
export async function subscribe(tx: Tx, memberId: number, settled: Readonly<Record<string, unknown>>): Promise<void> {
  const { subscriptionReference } = currentScope().registry.config.provider
  const subscription = { memberId, offerId: Number(settled.offerId), startedOn: String(settled.startedOn) }
  const id = await addSubscription(tx, subscription, subscriptionReference)
  await requireAlso(subscriptionResource, 'add', id, tx)
}

async function isAskable(tx: Tx, offerId: number): Promise<boolean> {
  const { rows } = await tx.execute(sql`SELECT FROM offer WHERE id = ${offerId} AND sold AND askable`)
  return rows.length > 0
}

import { sql } from 'drizzle-orm'
import { defineRequest } from '../../app/request-kind.ts'
import type { Tx } from '../../db/database.ts'
import { invalid } from '../../errors.ts'
import { changeOffer } from '../../subscriptions/rules.ts'
import { subscriptionResource } from '../../subscriptions/subscription-resource.tsx'
import { requireAlso } from '../allowed.ts'
import { askableOffers, dayFromNow, ownRunning, soldOffers } from '../choices.ts'
import { stillTheirs } from './end.tsx'
import { startFor } from './subscription.ts'

/** A member wants another offer for what they have. */
export const changeOfOffer = defineRequest({
  name: 'change_offer',
  label: 'Another offer',
  help: 'For a subscription that you have: it keeps its addresses',
  icon: 'switch-horizontal',
  planned: true,
  fields: {
    subscriptionId: { label: 'Subscription', kind: 'choice', choices: ownRunning, required: true },
    offerId: { label: 'Offer', kind: 'choice', choices: askableOffers, required: true },
    from: { label: 'From', kind: 'date', required: false, help: 'Empty: as soon as possible' },
  },
  async check({ memberId, subscriptionId, offerId, wanted }, tx) {
    const fits = await fitting(tx, memberId, subscriptionId, offerId)
    if (!fits) throw invalid('subscriptionId', 'Choose one of your subscriptions that has no end yet.')
    if (!fits.askable) throw invalid('offerId', 'This offer cannot be asked for.')
    if (fits.same) throw invalid('offerId', 'You have this offer already.')
    if (!fits.type) throw invalid('offerId', 'This offer is of another kind. Ask for a new subscription, and for the end of this one.')
    if (typeof wanted.from === 'string' && wanted.from < dayFromNow()) throw invalid('from', 'This day is over.')
  },
  settles: {
    offerId: { label: 'Offer', kind: 'choice', choices: soldOffers, required: true },
    from: { label: 'From', kind: 'date', required: true },
  },
  proposed: async ({ offerId, wanted }) => ({ offerId, from: startFor(wanted.from) }),
  async accept(request, { offerId, from }, tx) {
    const id = await stillTheirs(request, tx)
    await changeOffer(tx, id, Number(offerId), String(from))
    await requireAlso(subscriptionResource, 'change', id, tx)
  },
})

interface Fit extends Record<string, unknown> {
  readonly askable: boolean
  readonly type: boolean
  readonly same: boolean
}

async function fitting(tx: Tx, memberId: number, subscriptionId: number | null, offerId: number | null): Promise<Fit | undefined> {
  const { rows } = await tx.execute<Fit>(sql`
    SELECT coalesce(o.sold AND o.askable, false) AS askable, coalesce(o.configuration_type = s.configuration_type, false) AS type,
      EXISTS (SELECT FROM subscription_offer d WHERE d.subscription_id = s.id AND d.offer_id = o.id AND d.during @> greatest(coin.today(), s.started_on)) AS same
    FROM subscription s LEFT JOIN offer o ON o.id = ${offerId}
    WHERE s.id = ${subscriptionId} AND s.member_id = ${memberId} AND s.resigned_on IS NULL`)
  return rows[0]
}

import { inviteMember } from '../../accounts/invite.ts'
import { defineRequest } from '../../app/request-kind.ts'
import { invalid } from '../../errors.ts'
import { memberOf } from '../../members/queries.ts'
import { memberResource } from '../../members/resource.tsx'
import { acceptMember, removeMember } from '../../members/rules.ts'
import { requireAlso } from '../allowed.ts'
import { newSubscriptionFields, startFor, subscribe } from './subscription.ts'

/**
 * Somebody wants to become a member: asked for on the public page. Accepted, they are one, may subscribe at once, and are mailed a link to
 * choose a password. Refused, they are removed: nothing binds us to somebody whom we do not serve, and they may ask again some day.
 */
export const signUp = defineRequest({
  name: 'sign_up',
  label: 'To become a member',
  icon: 'user-plus',
  askedBy: 'nobody',
  planned: true,
  fields: { offerId: { label: 'Offer', kind: 'choice', choices: newSubscriptionFields.offerId.choices } },
  settles: {
    subscribe: { label: 'Subscribe them to this offer in the same step', kind: 'boolean' },
    offerId: { ...newSubscriptionFields.offerId, required: false },
    startedOn: { ...newSubscriptionFields.startedOn, required: false },
  },
  proposed: async ({ offerId }) => ({ subscribe: offerId !== null, offerId, startedOn: startFor(undefined) }),
  async accept({ memberId }, settled, tx) {
    if ((await memberOf(tx, memberId))?.status === 'pending') await acceptMember(tx, memberId)
    if (settled.subscribe === true) {
      if (!settled.offerId) throw invalid('offerId', 'Choose an offer.')
      await subscribe(tx, memberId, { offerId: settled.offerId, startedOn: settled.startedOn ?? startFor(undefined) })
    }
    await requireAlso(memberResource, 'change', memberId, tx)
    await inviteMember(memberId, tx)
  },
  async refuse({ memberId }, tx) {
    if ((await memberOf(tx, memberId))?.status === 'pending') await removeMember(tx, memberId)
  },
})

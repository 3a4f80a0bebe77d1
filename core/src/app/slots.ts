import type { Html } from './html.ts'

/**
 * The places in core pages where an app may put something, and what it gets there. One line per slot: each part of
 * the core adds its own with `declare module '../app/slots.ts'`.
 */
export interface Slots {
  /** In the head of every page. */
  'layout.head': Record<never, never>
  /** On the first page of a member. */
  'home.member': { readonly memberId: number }
  /** On the first page of staff. */
  'home.staff': Record<never, never>
  /** One more figure at the top of a member's page, a `StatItem`. */
  'member.stats': { readonly memberId: number }
  /** At the right of a member's page, first on a phone: how they stand. */
  'member.side': { readonly memberId: number }
  'member.details': { readonly memberId: number }
  'offer.details': { readonly offerId: number }
  /** One more figure at the top of a subscription's page, a `StatItem`. */
  'subscription.stats': { readonly subscriptionId: number; readonly memberId: number }
  /** At the right of a subscription's page, first on a phone: how it stands. */
  'subscription.side': { readonly subscriptionId: number; readonly memberId: number }
  'subscription.details': { readonly subscriptionId: number }
  /** Below its details: what it costs and was billed. */
  'subscription.money': { readonly subscriptionId: number }
  /** At the foot of its page: what happened to it. */
  'subscription.history': { readonly subscriptionId: number }
  'configuration.details': { readonly configurationId: number }
  'pool.details': { readonly poolId: number }
  'payment.details': { readonly paymentId: number }
}

export type SlotRenderers = { readonly [S in keyof Slots]?: (props: Slots[S]) => Html | undefined | Promise<Html | undefined> }

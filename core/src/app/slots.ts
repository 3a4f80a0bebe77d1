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
  'member.details': { readonly memberId: number }
  'offer.details': { readonly offerId: number }
  'subscription.details': { readonly subscriptionId: number }
  'configuration.details': { readonly configurationId: number }
  'pool.details': { readonly poolId: number }
  'payment.details': { readonly paymentId: number }
}

export type SlotRenderers = { readonly [S in keyof Slots]?: (props: Slots[S]) => Html | undefined | Promise<Html | undefined> }

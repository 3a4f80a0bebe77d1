import { type Actor, mayEverywhere } from '../app/scope.ts'

/** Which parts of the first page somebody sees. Its figures are of everything: who may see a part of it only sees no figure of it. */
export interface Rights {
  readonly members: boolean
  readonly subscriptions: boolean
  readonly invoices: boolean
  readonly pools: boolean
  readonly network: boolean
  readonly mails: boolean
  readonly runs: boolean
  readonly offers: boolean
}

/** What an actor may see of everything. */
export const rightsOf = (actor: Actor): Rights => ({
  members: mayEverywhere(actor, 'member.view'),
  subscriptions: mayEverywhere(actor, 'subscription.view'),
  invoices: mayEverywhere(actor, 'invoice.view') && mayEverywhere(actor, 'payment.view'),
  pools: mayEverywhere(actor, 'pool.view'),
  network: mayEverywhere(actor, 'provisioning.view'),
  mails: mayEverywhere(actor, 'mail.view'),
  runs: mayEverywhere(actor, 'billing.run'),
  offers: mayEverywhere(actor, 'offer.view'),
})

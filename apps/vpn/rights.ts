import { CoinError, currentScope, may } from 'coin'
import type { Account } from './account.ts'

/** Whether whoever asks is the account's member, or works for the provider and has this permission. */
export function mayFor(account: Account, permission: `${string}.${string}`): boolean {
  const { actor } = currentScope()
  return actor.memberId === account.subscription.member.id || may(actor, permission)
}

/** Throws `forbidden` unless `mayFor`. */
export function requireRight(account: Account, permission: `${string}.${string}`): void {
  if (!mayFor(account, permission))
    throw new CoinError('forbidden', 'You may not do this for a member.', { hint: 'Ask an administrator for the permission.' })
}

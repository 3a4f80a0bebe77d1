import { t } from '../app/i18n.ts'
import type { AnyRequestKind, MemberRequest } from '../app/request-kind.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { CoinError } from '../errors.ts'
import type { RequestRow } from './tables.ts'

/** A kind with the app whose words it speaks; undefined once that app is gone. */
export const kindIfAny = (name: string): { readonly app: string; readonly kind: AnyRequestKind } | undefined =>
  currentScope().registry.requests.get(name)

/** Runs `work` with a kind, in the words of its app. Refuses when the app is not installed any more. */
export function ofKind<R>(name: string, work: (kind: AnyRequestKind) => R): R {
  const found = kindIfAny(name)
  if (!found)
    throw new CoinError('refused', 'The app that knows requests of this kind is not installed.', { hint: 'Answer, or refuse it.' })
  return withinScope({ app: found.app }, () => work(found.kind))
}

/** What a kind is called, in the language of the scope. */
export function kindLabel(name: string): string {
  const found = kindIfAny(name)
  return found ? withinScope({ app: found.app }, () => t(found.kind.label)) : name
}

/** The request as its kind sees it. Only of a member who is there. */
export function forKind({ id, memberId, subscriptionId, offerId, wanted }: RequestRow): MemberRequest {
  if (memberId === null) throw new CoinError('refused', 'Who asked is gone.')
  return { id, memberId, subscriptionId, offerId, wanted }
}

/** The kinds that a member may ask for. */
export const kindsFor = (status: string): readonly { readonly app: string; readonly kind: AnyRequestKind }[] =>
  [...currentScope().registry.requests.values()].filter(
    ({ kind: { askedBy = 'members' } }) => askedBy === 'pending' || (askedBy === 'members' && status !== 'pending'),
  )

/** True for a kind that nothing is done for: accepting it is answering it, and no more. */
export const isOnlyAnswered = (name: string): boolean => {
  const found = kindIfAny(name)
  return found !== undefined && found.kind.accept === undefined
}

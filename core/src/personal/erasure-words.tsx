import { t } from '../app/i18n.ts'
import { State } from '../ui/index.ts'
import type { Erasure, Obstacle } from './erasures.ts'

/** The state of a request, in a word. */
export const ErasureState = ({ of }: { of: Pick<Erasure, 'state'> }) => {
  switch (of.state) {
    case 'asked':
      return <State tone="wait">{t('Asked for')}</State>
    case 'done':
      return <State tone="ok">{t('Erased')}</State>
    case 'refused':
      return (
        <State tone="fail" icon="x">
          {t('Refused')}
        </State>
      )
    case 'withdrawn':
      return (
        <State tone="none" icon="x">
          {t('Withdrawn')}
        </State>
      )
  }
}

/** What stands in the way, and what to do about it, to the member. */
export function obstacleWords(obstacle: Obstacle): string {
  switch (obstacle) {
    case 'subscription':
      return t('You have a subscription that has not ended. Ask for its end first.')
    case 'debt':
      return t('You owe something. Pay it first.')
    case 'credit':
      return t('We owe you something. We pay it back first: write to us.')
    case 'draft':
      return t('A last bill is being made. Wait for it.')
    case 'collection':
      return t('A direct debit is under way. Wait until the bank has answered.')
    case 'staff':
      return t('You work for the provider. Somebody else takes your access away first.')
  }
}

/** The same to staff. */
export function obstacleForStaff(obstacle: Obstacle): string {
  switch (obstacle) {
    case 'subscription':
      return t('A subscription has not ended.')
    case 'debt':
      return t('Something is owed.')
    case 'credit':
      return t('Something is to be paid back.')
    case 'draft':
      return t('A draft is not issued.')
    case 'collection':
      return t('A direct debit is under way.')
    case 'staff':
      return t('The account works for the provider: take its access away.')
  }
}

import { t } from '../app/i18n.ts'
import type { Choice } from '../app/resource.ts'
import { State } from '../ui/index.ts'
import { isOnlyAnswered } from './kinds.ts'
import type { RequestState as Name } from './tables.ts'

export const states: readonly Choice[] = [
  { value: 'open', label: 'To answer' },
  { value: 'waiting', label: 'Waiting for the member' },
  { value: 'accepted', label: 'Accepted' },
  { value: 'refused', label: 'Refused' },
  { value: 'withdrawn', label: 'Withdrawn' },
]

/** The state of a request; in the words of the member who asked, when `own`. */
export function RequestState({ state, kind, own }: { state: Name; kind: string; own?: boolean }) {
  switch (state) {
    case 'open':
      return <State tone="wait">{own ? t('We look at it') : t('To answer')}</State>
    case 'waiting':
      return <State tone="drift">{own ? t('We wait for you') : t('Waiting for the member')}</State>
    case 'accepted':
      return <State tone="ok">{isOnlyAnswered(kind) ? t('Answered') : t('Accepted')}</State>
    case 'refused':
      return <State tone="fail">{t('Refused')}</State>
    case 'withdrawn':
      return (
        <State tone="none" icon="circle-dashed">
          {t('Withdrawn')}
        </State>
      )
  }
}

import { t } from '../app/i18n.ts'
import { formatDate, State } from '../ui/index.ts'
import type { Spared } from './call-recipients.ts'

/** Why somebody gets no call. */
export function sparedWord(spared: Spared, called: string | null): string {
  switch (spared) {
    case 'not_member':
      return t('Not a member')
    case 'resigned':
      return t('Has resigned')
    case 'opted_out':
      return t('Wants no reminders')
    case 'recent':
      return called ? t('Called on {{date}}', { date: formatDate(called) }) : t('Called a few days ago')
  }
}

/** Whether somebody may be called today. */
export const Callable = ({ spared, called }: { spared: Spared | null; called: string | null }) =>
  spared === null ? (
    <span class="quiet">{called ? formatDate(called, 'table') : '–'}</span>
  ) : (
    <State tone="none" icon="mail">
      {sparedWord(spared, called)}
    </State>
  )

import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { formatDate, formatDateTime, formatTime, localDate } from '../ui/format.ts'

const isToday = (moment: string) => localDate(new Date(moment)) === localDate(new Date())

/** "since 06:12", or with its date when that is not today. */
export const sinceWords = (moment: string): string =>
  isToday(moment)
    ? t('since {{time}}', { time: formatTime(moment) })
    : t('since {{date}}, {{time}}', { date: formatDate(moment), time: formatTime(moment) })

/** When the next try is; nothing when none is planned. */
export function nextWords(moment: string | null): string {
  if (moment === null) return ''
  if (new Date(moment).getTime() <= Date.now()) return t('next try now')
  return isToday(moment)
    ? t('next try at {{time}}', { time: formatTime(moment) })
    : t('next try on {{moment}}', { moment: formatDateTime(moment) })
}

/** Tries, since when, and when the next one is. */
export const triesWords = (attempts: number, since: string, next: string | null): string =>
  [attempts > 0 ? t('{{count}} attempts', { count: attempts }) : '', sinceWords(since), nextWords(next)].filter(Boolean).join(', ')

/** What people call a backend; its name when no installed app brings it. */
export const labelOf = (name: string): string =>
  currentScope().registry.backends.find(({ backend }) => backend.name === name)?.backend.label ?? name

import { t } from '../app/i18n.ts'
import { formatDate, formatMoney, isStateName, State, sitePath } from '../ui/index.ts'
import type { RunState } from './run.ts'
import type { RunRow } from './run-queries.ts'

/** The path of the page of one run, or of one below it. */
export const runPath = (id: number, ...rest: readonly string[]): string => sitePath(['/admin/runs', id, ...rest].join('/'))

/** `Run 12, up to 1 December 2026`. */
export const runTitle = ({ id, date }: Pick<RunRow, 'id' | 'date'>): string =>
  t('Run {{id}}, up to {{date}}', { id: String(id), date: formatDate(date) })

/** True while a worker goes on with it by itself. */
export const isUnderWay = (state: RunState): boolean => state === 'previewing' || state === 'running' || state === 'issuing'

/** The state of a run as a shape, a word and a colour. */
export function RunStateBadge({ state }: { state: RunState }) {
  if (isStateName(state)) return <State name={state} />
  switch (state) {
    case 'previewing':
      return <State tone="wait">{t('Being worked out')}</State>
    case 'preview':
      return (
        <State tone="drift" icon="eye">
          {t('Waits for you')}
        </State>
      )
    case 'issuing':
      return <State tone="wait">{t('Issuing')}</State>
    case 'done':
      return <State tone="ok">{t('Done')}</State>
    default:
      return (
        <State tone="none" icon="circle-dashed">
          {t('Dropped')}
        </State>
      )
  }
}

/** What a run bills, a figure per currency; a dash for nothing. */
export const totalsWords = (totals: RunRow['totals']): string =>
  totals.length === 0 ? '–' : totals.map(({ total, currency }) => formatMoney(total, currency)).join(' + ')

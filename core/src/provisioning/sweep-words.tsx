import { t } from '../app/i18n.ts'
import { formatMoment, formatNumber, Progress, State, type Tone } from '../ui/index.ts'
import type { SweepRow } from './overview-queries.ts'
import { bySchedule } from './sweep-schedule.ts'

const results: Readonly<Record<SweepRow['status'], readonly [Tone, string]>> = {
  waiting: ['wait', 'Waits'],
  running: ['wait', 'Running'],
  done: ['ok', 'Done'],
  asks: ['drift', 'Asks'],
  failed: ['fail', 'Failed'],
}

/** How a sweep stands; one that found something is not green. */
export const SweepState = ({ sweep }: { sweep: SweepRow }) => {
  const [tone, word] = results[sweep.status]
  const found = sweep.differing + sweep.missing + sweep.unwanted + sweep.orphaned
  return <State tone={sweep.status === 'done' && found > sweep.healed ? 'drift' : tone}>{t(word)}</State>
}

/** What a sweep found, as one sentence: nothing that is nought, except when all is. */
export function foundWords(sweep: SweepRow): string {
  const part = (count: number, words: string) => (count > 0 ? [words] : [])
  const { in_sync, differing, missing, unwanted, orphaned, changing, healed } = sweep
  const parts = [
    ...part(in_sync, t('{{count}} in sync', { count: in_sync })),
    ...part(differing, t('{{count}} differ', { count: differing })),
    ...part(missing, t('{{count}} missing', { count: missing })),
    ...part(unwanted, t('{{count}} should not be there', { count: unwanted })),
    ...part(orphaned, t('{{count}} explained by nothing', { count: orphaned })),
    ...part(changing, t('{{count}} changing at that moment', { count: changing })),
    ...part(healed, t('{{count}} put right', { count: healed })),
  ]
  return parts.length > 0 ? parts.join(', ') : t('nothing to compare')
}

/** Who asked for a sweep. */
export const askedBy = ({ asked_by }: SweepRow): string => (asked_by === bySchedule ? t('the schedule') : asked_by)

/** A sweep that waits or runs. */
export const SweepProgress = ({ sweep, label }: { sweep: SweepRow; label: string }) => (
  <Progress
    label={t('Comparing {{label}}', { label })}
    done={sweep.compared}
    total={Math.max(sweep.total, sweep.compared, 1)}
    note={
      sweep.status === 'waiting'
        ? t('Waits for a worker')
        : t('{{count}} entries of the target read. You can leave this page.', { count: sweep.listed })
    }
  />
)

/** True while somebody waits for it. */
export const isUnderWay = (sweep: SweepRow | null | undefined): sweep is SweepRow & { readonly status: 'waiting' | 'running' } =>
  sweep?.status === 'waiting' || sweep?.status === 'running'

/** When it was asked for, and how long it took. */
export function whenWords({ asked_at, started_at, ended_at }: SweepRow): string {
  if (!started_at || !ended_at) return formatMoment(asked_at)
  const seconds = (new Date(ended_at).getTime() - new Date(started_at).getTime()) / 1000
  return `${formatMoment(asked_at)} · ${formatNumber(Math.round(seconds * 10) / 10)} s`
}

/** Why a sweep failed, or what it asks. */
export function messageWords(sweep: SweepRow): string {
  if (sweep.status !== 'asks') return sweep.message ?? ''
  const removals = sweep.unwanted + (sweep.heal === 'all' ? sweep.orphaned : 0)
  return sweep.listed === 0 && sweep.missing > 0
    ? t('The target is empty, though {{missing}} configurations should be there. Is it the right one, and may Coin read it?', {
        missing: formatNumber(sweep.missing),
      })
    : t('This would remove {{removals}} of the {{listed}} entries that are there.', {
        removals: formatNumber(removals),
        listed: formatNumber(sweep.listed),
      })
}

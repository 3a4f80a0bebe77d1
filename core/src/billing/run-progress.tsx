import { t } from '../app/i18n.ts'
import { formatNumber, type Stat, Stats } from '../ui/index.ts'
import type { RunRow } from './run-queries.ts'
import { totalsWords } from './run-words.tsx'

/** How far a run is. Without scripts one loads the page again. */
export function RunProgress({ run }: { run: RunRow }) {
  const issuing = run.state === 'issuing'
  const [done, total] = issuing ? [run.invoices - run.drafts, run.invoices] : [run.looked, Math.max(run.members, run.looked)]
  const figures = { done: formatNumber(done), total: formatNumber(total) }
  const words = issuing ? t('{{done}} of {{total}} issued', figures) : t('{{done}} of {{total}} members', figures)
  return (
    <section class="card" aria-labelledby="progress-title">
      <div class="card-body">
        <div class="row-flex">
          <h2 id="progress-title">{words}</h2>
          <span class="push quiet" role="status">
            {run.state === 'stopped' ? t('What was billed stays billed; going on does the rest.') : leftWords(run, done, total)}
          </span>
        </div>
        <progress class="my-2" max={Math.max(total, 1)} value={done} aria-label={issuing ? t('Drafts issued') : t('Members looked at')}>
          {words}
        </progress>
        <p class="small quiet m-0">
          {t('You can leave this page.')} {t('Without JavaScript, load it again to see more.')} {t('Running it twice bills nothing twice.')}
        </p>
      </div>
    </section>
  )
}

/** From how long the first part took; nothing while that says little, or when a person stood between. */
function leftWords({ state, previewed, startedAt }: RunRow, done: number, total: number): string {
  const elapsed = (Date.now() - new Date(startedAt).getTime()) / 1000
  if (done === 0 || done >= total || state === 'issuing' || (previewed && state === 'running') || elapsed < 2) return ''
  const seconds = Math.ceil((elapsed / done) * (total - done))
  return seconds < 90
    ? t('About {{count}} seconds left', { count: seconds })
    : t('About {{count}} minutes left', { count: Math.round(seconds / 60) })
}

/** What a run bills, or would bill, in four figures. */
export function RunStats({ run }: { run: RunRow }) {
  const { state, invoices, drafts, billed, looked, failed, changed, totals } = run
  const shown = state === 'previewing' || state === 'preview' || state === 'dropped'
  const aside = failed + changed
  const items: Stat[] = [
    {
      label: t('Invoices and credit notes'),
      value: formatNumber(invoices),
      note: shown
        ? t('Nothing is billed yet')
        : drafts > 0
          ? t('{{count}} drafts', { count: drafts })
          : invoices > 0
            ? t('all issued')
            : undefined,
    },
    { label: shown ? t('Would be billed') : t('Billed'), value: totalsWords(totals), note: t('With VAT') },
    {
      label: t('Nothing to bill'),
      value: formatNumber(Math.max(0, looked - billed - aside)),
      note: t('members who owe nothing new'),
    },
    {
      label: t('Set aside'),
      value: formatNumber(aside),
      bad: aside > 0,
      note: aside > 0 && !shown ? t('the others are billed') : undefined,
    },
  ]
  return <Stats items={items} />
}

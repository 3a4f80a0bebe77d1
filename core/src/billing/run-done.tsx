import { t } from '../app/i18n.ts'
import { Note } from '../ui/index.ts'
import { InvoicesCard } from './run-invoices-card.tsx'
import type { RunRow } from './run-queries.ts'

/** What came of a run that has ended, or was stopped. */
export function DonePart({ run }: { run: RunRow }) {
  if (run.state === 'dropped') return <Note>{t('It was dropped: nothing was billed.')}</Note>
  return (
    <>
      {run.state === 'done' && run.drafts > 0 && (
        <Note tone="wait">
          {t('{{count}} drafts wait until somebody issues them. They can be looked at and changed one by one.', { count: run.drafts })}
        </Note>
      )}
      {run.state === 'done' && run.invoices === 0 && run.failed + run.changed === 0 && (
        <Note tone="ok">{t('There was nothing to bill.')}</Note>
      )}
      <InvoicesCard run={run} />
    </>
  )
}

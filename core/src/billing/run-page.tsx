import type { Context } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { ButtonLink, formatDateTime, Page, Poll, PostButton, Stack, sitePath } from '../ui/index.ts'
import { ChangedCard, FailedCard } from './run-aside-cards.tsx'
import { DonePart } from './run-done.tsx'
import { InvoicesCard } from './run-invoices-card.tsx'
import { PreviewPart } from './run-preview.tsx'
import { RunProgress, RunStats } from './run-progress.tsx'
import { findRun, type RunRow, setAsideOf } from './run-queries.ts'
import { isUnderWay, RunStateBadge, runPath, runTitle } from './run-words.tsx'

/** One run: how far it is, what it would bill or has billed, who was set aside, and what can be done. */
export const runPage: View = {
  path: '/admin/runs/:id{[0-9]+}',
  access: 'billing.run',
  async get(c) {
    const run = await findRun(currentScope().db, runIdIn(c))
    // who looked on while it ran sees the whole page when it has ended
    if (!isUnderWay(run.state) && c.req.header('hx-target') === 'div#run') c.header('HX-Refresh', 'true')
    return <RunPage run={run} />
  },
}

/** The run that a path names. */
export function runIdIn(c: Context): number {
  const id = Number(c.req.param('id'))
  if (!Number.isSafeInteger(id)) throw new CoinError('not_found', 'No page has this address, or it is not yours to see.')
  return id
}

/** The page; `moved`: what was shown is no longer what would be billed. */
export const RunPage = ({ run, moved = false }: { run: RunRow; moved?: boolean }) => (
  <Page
    title={runTitle(run)}
    crumbs={[{ label: t('Billing runs'), href: sitePath('/admin/runs') }]}
    head={
      <>
        <RunStateBadge state={run.state} />
        <span class="quiet">
          {t('started {{when}} by {{who}}', { when: formatDateTime(run.startedAt), who: run.startedBy })}
          {run.finishedAt && run.state !== 'preview' && ` · ${t('ended {{when}}', { when: formatDateTime(run.finishedAt) })}`}
        </span>
      </>
    }
    actions={<RunActions run={run} />}
  >
    {isUnderWay(run.state) ? (
      <Poll id="run" seconds={10} topic={`run:${run.id}`}>
        <RunProgress run={run} />
        <RunStats run={run} />
        <SetAside run={run} />
        {run.state !== 'previewing' && <InvoicesCard run={run} />}
      </Poll>
    ) : (
      <Stack id="run">
        {run.state === 'stopped' && <RunProgress run={run} />}
        <RunStats run={run} />
        <SetAside run={run} />
        {run.state === 'preview' ? <PreviewPart run={run} moved={moved} /> : <DonePart run={run} />}
      </Stack>
    )}
  </Page>
)

/** Who was set aside, and why. */
async function SetAside({ run }: { run: RunRow }) {
  if (run.failed + run.changed === 0) return null
  const rows = await setAsideOf(currentScope().db, run.id)
  return (
    <>
      <FailedCard run={run} rows={rows.filter(({ state }) => state === 'failed')} />
      {run.changed > 0 && <ChangedCard run={run} />}
    </>
  )
}

function RunActions({ run: { id, state, drafts } }: { run: RunRow }) {
  switch (state) {
    case 'running':
    case 'issuing':
      return (
        <PostButton action={runPath(id, 'stop')} icon="player-pause">
          {t('Stop')}
        </PostButton>
      )
    case 'stopped':
      return (
        <PostButton action={runPath(id, 'resume')} icon="player-play" kind="primary">
          {t('Go on')}
        </PostButton>
      )
    case 'preview':
    case 'previewing':
      return (
        <PostButton action={runPath(id, 'drop')} icon="trash">
          {t('Drop it')}
        </PostButton>
      )
    default:
      return drafts > 0 ? (
        <ButtonLink href={runPath(id, 'issue')} kind="primary" icon="check">
          {t('Issue the {{count}} drafts', { count: drafts })}
        </ButtonLink>
      ) : null
  }
}

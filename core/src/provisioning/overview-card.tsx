import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, CardBody, formatNumber, Note, PostButton, State, type StateName, worstState } from '../ui/index.ts'
import { answers, type BackendSummary, stateNames } from './overview-queries.ts'
import { nextWords, sinceWords } from './state-words.ts'
import { askedBy, foundWords, isUnderWay, messageWords, SweepProgress, SweepState, whenWords } from './sweep-words.tsx'

/** One backend of the overview: its target, its counts, its last comparison, and what can be done. */
export function BackendCard({ summary }: { summary: BackendSummary }) {
  const { backend, label, installed, counts, sweep, orphans } = summary
  const href = url('provisioning:backend', { backend })
  const shown = stateNames.filter(state => counts[state] > 0)
  return (
    <Card
      title={label}
      id={`backend-${backend.replace(/[^\w-]/g, '-')}`}
      note={label === backend ? undefined : backend}
      body={false}
      actions={<TargetState summary={summary} />}
    >
      <CardBody>
        {!installed && (
          <Note tone="drift">
            {t('No installed app brings this backend: nothing is done for these states. Add the app again, or leave them.')}
          </Note>
        )}
        {summary.target?.down_since && (
          <Note tone="fail">
            {t('{{label}} has not answered {{since}}.', { label, since: sinceWords(summary.target.down_since) })} {summary.target.error} ·{' '}
            <span class="quiet">{nextWords(summary.target.probe_at)}</span>
          </Note>
        )}
        <p class={installed && !summary.target?.down_since ? 'row-flex m-0' : 'row-flex mt-3 mb-0'}>
          {shown.map(state => (
            <a class="text-decoration-none" href={`${href}?state=${state}`}>
              <State name={state as StateName} />
              <span class="ms-1">{formatNumber(counts[state])}</span>
            </a>
          ))}
          {summary.total === 0 && <span class="quiet">{t('Nothing is configured for it yet.')}</span>}
          {orphans > 0 && (
            <a href={url('provisioning:orphans', { backend })}>{t('{{count}} entries explained by nothing', { count: orphans })}</a>
          )}
        </p>
        {summary.oldestPending && (
          <p class="small quiet mt-2 mb-0">
            {t('The longest waiting change waits {{since}}.', { since: sinceWords(summary.oldestPending) })}
          </p>
        )}
      </CardBody>
      <CardBody>
        <LastSweep summary={summary} />
        {installed && <BackendActions summary={summary} />}
      </CardBody>
      {isUnderWay(sweep) && (
        <CardBody>
          <SweepProgress sweep={sweep} label={label} />
        </CardBody>
      )}
    </Card>
  )
}

/** Whether a target answers, or the worst of what it holds. */
export function TargetState({ summary }: { summary: BackendSummary }) {
  if (!summary.installed) return <State tone="none">{t('Not installed')}</State>
  const answered = answers(summary)
  if (answered === false) return <State tone="fail">{t('Does not answer')}</State>
  const worst = worstState(stateNames.filter(state => summary.counts[state] > 0))
  if (worst && worst !== 'in_sync') return <State name={worst} />
  return answered ? <State tone="ok">{t('Answers')}</State> : <State tone="none">{t('Not asked yet')}</State>
}

function LastSweep({ summary: { backend, sweep } }: { summary: BackendSummary }) {
  const { actor } = currentScope()
  if (!sweep) return <p class="quiet m-0">{t('Never compared as a whole.')}</p>
  return (
    <>
      <p class="m-0">
        <SweepState sweep={sweep} /> <a href={url('provisioning:sweeps', { backend })}>{t('Last comparison')}</a>{' '}
        <span class="quiet">
          {whenWords(sweep)}, {askedBy(sweep)}
        </span>
      </p>
      {!isUnderWay(sweep) && sweep.status !== 'failed' && <p class="small mt-1 mb-0">{foundWords(sweep)}</p>}
      {sweep.message && (
        <div class="mt-2">
          <Note tone={sweep.status === 'failed' ? 'fail' : 'drift'}>
            {messageWords(sweep)}
            {sweep.status === 'asks' && mayEverywhere(actor, 'provisioning.remove') && (
              <>
                {' '}
                <ButtonLink small href={url('provisioning:confirm', { backend })}>
                  {t('Look at it and go ahead')}
                </ButtonLink>
              </>
            )}
          </Note>
        </div>
      )}
    </>
  )
}

/** What can be done with a whole backend; nothing when nothing can. */
export function BackendActions({ summary: { backend, label, counts, sweep }, back }: { summary: BackendSummary; back?: string }) {
  const { actor } = currentScope()
  const fields = { back: back ?? '/admin/provisioning' }
  const [retries, sweeps] = [mayEverywhere(actor, 'provisioning.retry'), mayEverywhere(actor, 'provisioning.sweep')]
  const actions = [
    retries && counts.failed > 0 && ({ view: 'retry', icon: 'refresh', label: t('Retry all failed'), more: { state: 'failed' } } as const),
    retries &&
      counts.drifted > 0 &&
      ({ view: 'chosen', icon: 'check', label: t('Put all drifted right'), more: { do: 'heal-all' } } as const),
    sweeps && !isUnderWay(sweep) && ({ view: 'sweep', icon: 'git-compare', label: t('Compare now'), more: {} } as const),
  ].filter(action => action !== false)
  return actions.length === 0 ? null : (
    <div class={back === undefined ? 'row-flex mt-3' : 'row-flex'}>
      {actions.map(action => (
        <PostButton
          small
          icon={action.icon}
          action={url(`provisioning:${action.view}`, { backend })}
          fields={{ ...fields, ...action.more }}
        >
          {action.label}
          <span class="visually-hidden"> {label}</span>
        </PostButton>
      ))}
    </div>
  )
}

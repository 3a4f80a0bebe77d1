import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { Note, Page, Poll, Views, withQuery } from '../ui/index.ts'
import { backendOf, notFound } from './actions.ts'
import { BackendRows } from './backend-page-rows.tsx'
import { stateRows } from './backend-queries.ts'
import { stateWords } from './network-card.tsx'
import { BackendActions, TargetState } from './overview-card.tsx'
import { type BackendSummary, backendSummaries, type NetworkStateName, stateNames } from './overview-queries.ts'
import { nextWords, sinceWords } from './state-words.ts'

const pageSize = 50

/** One backend: its configurations by state, with reasons and differences. */
export const backendPage: View = {
  path: '/admin/provisioning/:backend',
  access: 'provisioning.view',
  async get(c) {
    const { db, registry, query } = currentScope()
    const summary = await summaryOf(backendOf(c))
    const state = stateNames.find(name => name === query.get('state'))
    const [after, before] = [numberIn(query, 'after'), numberIn(query, 'before')]
    const { rows, more } = await stateRows(db, registry, { backend: summary.backend, state, after, before, limit: pageSize })
    const links = {
      previous:
        (before === undefined ? after !== undefined : more) && rows[0]
          ? withQuery(query, { after: undefined, before: rows[0].id })
          : undefined,
      next:
        (before === undefined ? more : true) && rows.at(-1) ? withQuery(query, { before: undefined, after: rows.at(-1)?.id }) : undefined,
    }
    return (
      <BackendFrame summary={summary} current={state ?? 'all'}>
        <BackendRows summary={summary} rows={rows} state={state} links={links} />
      </BackendFrame>
    )
  },
}

const numberIn = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name) ?? ''
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** What is known of a backend; `not_found` when there is none of this name and nothing is left of one. */
export async function summaryOf(name: string): Promise<BackendSummary> {
  const { db, registry } = currentScope()
  const summary = (await backendSummaries(db, registry)).find(({ backend }) => backend === name)
  if (!summary) throw notFound()
  return summary
}

interface FrameProps {
  readonly summary: BackendSummary
  readonly current: NetworkStateName | 'all' | 'orphans' | 'sweeps'
  readonly children?: unknown
}

/** What the pages of one backend have in common: its name, its state, its tabs. */
export function BackendFrame({ summary, current, children }: FrameProps) {
  const { backend, label, counts, orphans, installed, target } = summary
  const here = url('provisioning:backend', { backend })
  const tab = (name: NetworkStateName) => ({
    label: t(stateWords[name]),
    href: `${here}?state=${name}`,
    count: counts[name],
    current: current === name,
  })
  return (
    <Page
      title={label}
      crumbs={[{ label: t('On the network'), href: url('provisioning:overview') }]}
      head={
        <>
          <TargetState summary={summary} />
          {label !== backend && <span class="quiet">{backend}</span>}
        </>
      }
      actions={installed && <BackendActions summary={summary} back={currentScope().path} />}
    >
      <Views
        label={t('States')}
        items={[
          { label: t('All'), href: here, count: summary.total, current: current === 'all' },
          ...stateNames.map(tab),
          { label: t('Orphans'), href: url('provisioning:orphans', { backend }), count: orphans, current: current === 'orphans' },
          { label: t('Comparisons'), href: url('provisioning:sweeps', { backend }), current: current === 'sweeps' },
        ]}
      />
      <Poll id="backend" topic="backends">
        {target?.down_since && (
          <Note tone="fail">
            {t('{{label}} has not answered {{since}}.', { label, since: sinceWords(target.down_since) })} {target.error} ·{' '}
            <span class="quiet">{nextWords(target.probe_at)}</span>
          </Note>
        )}
        {children as never}
      </Poll>
    </Page>
  )
}

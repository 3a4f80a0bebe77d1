import { planLines } from '../admin/plan-lines.ts'
import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { Diff, Empty, formatMoment, formatNumber, KeysetPager, State, sitePath, Table } from '../ui/index.ts'
import { nameOfRow, type StateRow } from './backend-queries.ts'
import type { BackendSummary, NetworkStateName } from './overview-queries.ts'
import { nextWords, sinceWords } from './state-words.ts'

interface RowsProps {
  readonly summary: BackendSummary
  readonly rows: readonly StateRow[]
  readonly state: NetworkStateName | undefined
  readonly links: { readonly previous: string | undefined; readonly next: string | undefined }
}

/** The configurations of a backend, to choose from. */
export function BackendRows({ summary: { backend, installed, counts, total }, rows, state, links }: RowsProps) {
  const { actor, registry, path, query } = currentScope()
  const acts = installed && mayEverywhere(actor, 'provisioning.retry')
  if (rows.length === 0) {
    return (
      <section class="card">
        <Empty title={state ? t('Nothing is in this state') : t('Nothing is configured for it yet.')} icon="circle-check" />
      </section>
    )
  }
  return (
    <>
      <form class="card" method="post" action={url('provisioning:chosen', { backend })}>
        <input type="hidden" name="back" value={query.size > 0 ? `${path}?${query}` : path} />
        <Table<StateRow>
          top
          caption={t('Configurations on this backend')}
          rows={rows}
          rowHref={({ configuration }) => configuration && sitePath(`/admin/subscriptions/${configuration.subscription.id}`)}
          choose={acts ? { value: ({ id }) => id, label: row => t('Choose {{name}}', { name: nameOfRow(registry, row) }) } : undefined}
          columns={[
            {
              key: 'name',
              label: t('Configuration'),
              render: row => <span class="text-break">{nameOfRow(registry, row)}</span>,
              sub: ({ configuration }) =>
                configuration
                  ? `${configuration.subscription.member.displayName} · ${configuration.subscription.reference}`
                  : t('Is gone; what is left of it is removed'),
            },
            {
              key: 'state',
              label: t('State'),
              render: row => <Standing row={row} />,
              narrow: row => <CompareLink backend={installed ? backend : undefined} row={row} since />,
            },
            {
              key: 'since',
              label: t('Since'),
              wide: true,
              render: row => formatMoment(row.since),
              sub: row =>
                row.state === 'in_sync'
                  ? undefined
                  : [row.attempts > 0 ? t('{{count}} attempts', { count: row.attempts }) : '', nextWords(row.due)]
                      .filter(Boolean)
                      .join(', ') || undefined,
            },
            {
              key: 'compare',
              label: t('Compare'),
              unlabelled: true,
              align: 'end',
              wide: true,
              render: row => <CompareLink backend={installed ? backend : undefined} row={row} />,
            },
          ]}
        />
        {acts && (
          <div class="bulk">
            <span class="strong">
              <output /> {t('chosen')}
            </span>
            <button class="btn" type="submit" name="do" value="retry">
              {t('Retry')}
            </button>
            {(state === undefined || state === 'drifted') && (
              <button class="btn" type="submit" name="do" value="heal">
                {t('Put the drifted right')}
              </button>
            )}
          </div>
        )}
      </form>
      <KeysetPager {...links} note={t('{{total}} in all', { total: formatNumber(state ? counts[state] : total) })} />
    </>
  )
}

const Standing = ({ row }: { row: StateRow }) => (
  <>
    <State name={row.state} />
    {row.error && <span class={row.state === 'failed' ? 'sub fail-text text-break' : 'sub text-break'}>{row.error}</span>}
    {row.difference && row.difference.length > 0 && (
      <div class="mt-2">
        <Diff label={t('What differs')} lines={planLines(row.difference)} />
      </div>
    )}
  </>
)

interface CompareLinkProps {
  /** Undefined when it is not installed: there is nothing to compare with. */
  readonly backend: string | undefined
  readonly row: StateRow
  /** On a phone, where it stands below the state. */
  readonly since?: boolean
}

const CompareLink = ({ backend, row, since }: CompareLinkProps) => (
  <>
    {since && sinceWords(row.since)}
    {since && backend !== undefined && ' · '}
    {backend !== undefined && (
      <a href={url('provisioning:compare', { backend, id: row.id })}>
        {t('Compare')}
        <span class="visually-hidden"> {nameOfRow(currentScope().registry, row)}</span>
      </a>
    )}
  </>
)

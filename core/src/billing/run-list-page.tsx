import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { ButtonLink, Empty, formatDate, formatNumber, KeysetPager, Moment, Page, sitePath, Table, withQuery } from '../ui/index.ts'
import { listRuns, type RunRow } from './run-queries.ts'
import { RunStateBadge, runPath, totalsWords } from './run-words.tsx'

const pageSize = 25

/** The runs, newest first: what each billed, and who was set aside. */
export const runListPage: View = {
  path: '/admin/runs',
  access: 'billing.run',
  async get() {
    const { db, query } = currentScope()
    const before = /^\d{1,15}$/.test(query.get('before') ?? '') ? Number(query.get('before')) : undefined
    const found = await listRuns(db, { limit: pageSize + 1, ...(before !== undefined && { before }) })
    const rows = found.slice(0, pageSize)
    return (
      <Page
        title={t('Billing runs')}
        head={<span class="quiet">{t('A run bills everybody what is due up to a day. A second one for the same day bills nothing.')}</span>}
        actions={<NewRunButton />}
      >
        <section class="card" aria-label={t('Billing runs')}>
          <Table<RunRow>
            top
            caption={t('Billing runs, newest first')}
            rows={rows}
            rowHref={({ id }) => runPath(id)}
            empty={
              <Empty title={t('No run yet')} icon="player-play" actions={<NewRunButton />}>
                {t('A run looks at every subscription and drafts what is due. It can be looked at before anything is billed.')}
              </Empty>
            }
            columns={[
              {
                key: 'date',
                label: t('Up to'),
                render: ({ date }) => formatDate(date, 'table'),
                sub: ({ id, startedBy }) => t('Run {{id}}, by {{who}}', { id: String(id), who: startedBy }),
              },
              { key: 'started', label: t('Started'), wide: true, render: ({ startedAt }) => <Moment at={startedAt} /> },
              { key: 'invoices', label: t('Invoices'), wide: true, align: 'num', render: ({ invoices }) => formatNumber(invoices) },
              { key: 'total', label: t('Total'), align: 'money', render: ({ totals }) => totalsWords(totals) },
              {
                key: 'aside',
                label: t('Set aside'),
                wide: true,
                align: 'num',
                render: row => (asideOf(row) > 0 ? <span class="fail-text">{formatNumber(asideOf(row))}</span> : '–'),
              },
              {
                key: 'state',
                label: t('State'),
                align: 'end',
                render: ({ state }) => <RunStateBadge state={state} />,
                sub: ({ drafts }) => (drafts > 0 ? t('{{count}} drafts', { count: drafts }) : undefined),
                narrow: row => (asideOf(row) > 0 ? t('{{count}} set aside', { count: asideOf(row) }) : undefined),
              },
            ]}
          />
        </section>
        <KeysetPager
          previous={before === undefined ? undefined : withQuery(query, { before: undefined })}
          next={found.length > pageSize ? withQuery(query, { before: rows.at(-1)?.id }) : undefined}
          note={t('Newest first')}
        />
      </Page>
    )
  },
}

const asideOf = ({ failed, changed }: RunRow) => failed + changed

const NewRunButton = () => (
  <ButtonLink href={sitePath('/admin/runs/new')} icon="plus" kind="primary">
    {t('New run')}
  </ButtonLink>
)

import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { Card, Empty, formatRelative, Page, Poll, sitePath, Table } from '../ui/index.ts'
import { BackendCard } from './overview-card.tsx'
import { backendSummaries, type RefusedChange, refusedChanges } from './overview-queries.ts'
import { isUnderWay } from './sweep-words.tsx'

/** Every backend: whether it answers, how its configurations stand, and what needs a person. */
export const overview: View = {
  path: '/admin/provisioning',
  access: 'provisioning.view',
  async get() {
    const { db, registry } = currentScope()
    const [summaries, refused] = [await backendSummaries(db, registry), await refusedChanges(db)]
    const busy = summaries.some(({ sweep }) => isUnderWay(sweep))
    return (
      <Page
        title={t('On the network')}
        head={<span class="quiet">{t('Whether the network is as it should be, backend by backend.')}</span>}
      >
        <Poll id="backends" seconds={busy ? 10 : 30} topic="backends">
          {summaries.length === 0 && (
            <section class="card">
              <Empty title={t('No backend yet')} icon="server">
                {t('A backend has servers, directories or files follow what is configured here. Apps bring them.')}
              </Empty>
            </section>
          )}
          {refused.length > 0 && <Refused rows={refused} />}
          {summaries.map(summary => (
            <BackendCard summary={summary} />
          ))}
        </Poll>
      </Page>
    )
  },
}

const Refused = ({ rows }: { rows: readonly RefusedChange[] }) => (
  <Card title={t('Changes made outside of Coin that were not accepted')} id="refused" body={false}>
    <Table<RefusedChange>
      caption={t('Changes made outside of Coin that were not accepted')}
      rows={rows}
      rowHref={row => sitePath(`/admin/subscriptions/${row.subscription_id}`)}
      columns={[
        { key: 'subscription', label: t('Subscription'), render: row => row.reference },
        { key: 'message', label: t('Why'), render: row => row.message, sub: row => row.hint || undefined },
        { key: 'since', label: t('Since'), wide: true, align: 'num', render: row => formatRelative(row.since) },
      ]}
    />
  </Card>
)

import { sql } from 'drizzle-orm'
import { mayWith } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope, may, mayEverywhere } from '../app/scope.ts'
import { ButtonLink, Card, formatDate, sitePath, Table } from '../ui/index.ts'
import { sizeInWords } from './size.ts'

interface Held extends Record<string, unknown> {
  readonly id: number
  readonly prefix: string
  readonly pool_id: number
  readonly pool: string
  readonly since: string
}

/** The addresses of a subscription, on its page; nothing while it has no configuration to carry them. */
export async function SubscriptionAddresses({ subscriptionId }: { readonly subscriptionId: number }) {
  const { actor } = currentScope()
  if (!(await mayWith('subnet.view', 'subscription', subscriptionId))) return undefined
  const { rows } = await currentScope().db.execute<{ configuration_id: number; held: readonly Held[] | null }>(sql`
    SELECT c.id AS configuration_id, (SELECT jsonb_agg(jsonb_build_object('id', n.id, 'prefix', n.prefix, 'pool_id', p.id, 'pool', p.name, 'since', n.created_at::date) ORDER BY n.prefix)
      FROM ip_subnet n JOIN ip_pool p ON p.id = n.pool_id WHERE n.configuration_id = c.id) AS held
    FROM configuration c WHERE c.subscription_id = ${subscriptionId}`)
  const found = rows[0]
  if (!found) return undefined
  return (
    <Card
      title={t('Addresses')}
      id="subnets"
      body={false}
      actions={
        <>
          {mayEverywhere(actor, 'subnet.view') && (
            <ButtonLink small kind="plain" href={`${sitePath('/admin/holders')}?subscription=${subscriptionId}`}>
              {t('Held before')}
            </ButtonLink>
          )}
          {may(actor, 'subnet.add') && (
            <ButtonLink small icon="plus" href={`${sitePath('/admin/subnets/new')}?configurationId=${found.configuration_id}`}>
              {t('Allocate')}
            </ButtonLink>
          )}
        </>
      }
    >
      <Table
        caption={t('Addresses')}
        rows={found.held ?? []}
        rowHref={may(actor, 'subnet.view') ? subnet => sitePath(`/admin/subnets/${subnet.id}`) : undefined}
        empty={<div class="card-body quiet">{t('None yet')}</div>}
        columns={[
          { key: 'prefix', label: t('Subnet'), align: 'addr', render: subnet => subnet.prefix, sub: subnet => sizeInWords(subnet.prefix) },
          {
            key: 'pool',
            label: t('Pool'),
            wide: true,
            render: subnet =>
              mayEverywhere(actor, 'pool.view') ? <a href={sitePath(`/admin/pools/${subnet.pool_id}`)}>{subnet.pool}</a> : subnet.pool,
          },
          { key: 'since', label: t('Since'), wide: true, align: 'num', render: subnet => formatDate(subnet.since, 'table') },
          {
            key: 'release',
            label: t('Actions'),
            unlabelled: true,
            align: 'end',
            render: subnet =>
              may(actor, 'subnet.remove') && (
                <a class="btn btn-sm btn-plain" href={sitePath(`/admin/subnets/${subnet.id}/remove`)}>
                  {t('Release')}
                  <span class="visually-hidden"> {subnet.prefix}</span>
                </a>
              ),
          },
        ]}
      />
    </Card>
  )
}

interface Drawn extends Record<string, unknown> {
  readonly id: number
  readonly pool_id: number
  readonly pool: string
  readonly family: number
  readonly priority: number
  readonly length: number
}

/** The pools that an offer draws from, on its page. */
export async function OfferPools({ offerId }: { readonly offerId: number }) {
  const { actor, db } = currentScope()
  const { rows } = await db.execute<Drawn>(sql`
    SELECT x.id, p.id AS pool_id, p.name AS pool, p.family, x.priority, coalesce(x.prefix_length, p.default_prefix_length) AS length
    FROM offer_pool x JOIN ip_pool p ON p.id = x.pool_id WHERE x.offer_id = ${offerId} ORDER BY p.family, x.priority, p.name`)
  return (
    <Card
      title={t('Address pools')}
      body={false}
      actions={
        may(actor, 'offer_pool.add') && (
          <ButtonLink small icon="plus" href={`${sitePath('/admin/offer-pools/new')}?offerId=${offerId}`}>
            {t('Draw from a pool')}
          </ButtonLink>
        )
      }
    >
      <Table<Drawn>
        caption={t('Address pools')}
        rows={rows}
        rowHref={may(actor, 'offer_pool.view') ? row => sitePath(`/admin/offer-pools/${row.id}`) : undefined}
        empty={<div class="card-body quiet">{t('None: whoever subscribes gets no address by itself.')}</div>}
        columns={[
          { key: 'pool', label: t('Pool'), render: row => row.pool, sub: row => `IPv${row.family}` },
          { key: 'length', label: t('Length'), align: 'num', render: row => `/${row.length}` },
          { key: 'priority', label: t('Priority'), align: 'num', render: row => String(row.priority) },
        ]}
      />
    </Card>
  )
}

import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { ButtonLink, Card, Facts, formatDate, formatMoney, formatPercent, Slot, Stack, sitePath, Table } from '../ui/index.ts'
import { StrategyName } from './strategy-name.tsx'

interface Price extends Record<string, unknown> {
  readonly id: number
  readonly from: string
  readonly fee: string
  readonly initial: string
  readonly state: 'past' | 'now' | 'future'
}

/** The body of an offer's page: what it is, its prices over time, and what apps add. */
export async function OfferDetails({ row, tx }: { row: Row; tx: Tx }) {
  const { actor } = currentScope()
  const { rows: prices } = await tx.execute<Price>(sql`
    SELECT id, effective_from AS from, period_fee::text AS fee, initial_fee::text AS initial,
      CASE WHEN effective_from > current_date THEN 'future'
        WHEN effective_from = max(effective_from) FILTER (WHERE effective_from <= current_date) OVER () THEN 'now' ELSE 'past' END AS state
    FROM offer_price WHERE offer_id = ${row.id} ORDER BY effective_from DESC`)
  const currency = String(row.currency)
  return (
    <Stack>
      <Card title={t('What it is')}>
        <Facts
          items={[
            { label: t('Short reference'), value: String(row.reference) },
            { label: t('Period'), value: t('{{count}} months', { count: Number(row.periodMonths) }) },
            { label: t('How it is billed'), value: <StrategyName name={String(row.billingStrategy)} /> },
            {
              label: t('Minimum of a free price'),
              value: row.minimumFee === null ? t('None') : formatMoney(String(row.minimumFee), currency),
            },
            {
              label: t('Commitment'),
              value: Number(row.commitmentMonths) ? t('{{count}} months', { count: Number(row.commitmentMonths) }) : t('None'),
            },
            { label: t('Billable'), value: row.billable ? t('Yes') : t('No') },
            { label: t('VAT rate'), value: formatPercent(Number(row.vatRate) / 100, 2) },
            { label: t('Legal mention about VAT'), value: String(row.vatMention) },
            { label: t('Account'), value: String(row.account) },
            { label: t('Description'), value: String(row.description) },
          ]}
        />
      </Card>
      <Card
        title={t('Prices')}
        body={false}
        actions={
          may(actor, 'price.add') && (
            <ButtonLink small href={sitePath(`/admin/prices/new?offerId=${row.id}`)} icon="plus">
              {t('New price')}
            </ButtonLink>
          )
        }
      >
        <Table<Price>
          caption={t('Prices')}
          rows={prices}
          rowHref={may(actor, 'price.view') ? price => sitePath(`/admin/prices/${price.id}`) : undefined}
          empty={<div class="card-body quiet">{t('No price yet: nothing can be billed.')}</div>}
          columns={[
            {
              key: 'from',
              label: t('From'),
              render: price => formatDate(price.from, 'table'),
              sub: price => (price.state === 'now' ? t('in force today') : price.state === 'future' ? t('to come') : undefined),
            },
            { key: 'fee', label: t('Fee of a period'), align: 'money', render: price => formatMoney(price.fee, currency) },
            { key: 'initial', label: t('Initial fee'), align: 'money', render: price => formatMoney(price.initial, currency) },
          ]}
        />
      </Card>
      <Slot name="offer.details" props={{ offerId: row.id }} />
    </Stack>
  )
}

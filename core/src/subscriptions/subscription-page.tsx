import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import {
  ButtonLink,
  Card,
  Cols,
  type Content,
  Facts,
  formatDate,
  formatMoney,
  formatPercent,
  formatRange,
  Slot,
  Stack,
  State,
  type StateName,
  Stats,
  sitePath,
  Table,
} from '../ui/index.ts'
import { stateSql } from './state.ts'

interface Head extends Record<string, unknown> {
  readonly member_id: number
  readonly member: string
  readonly offers:
    | readonly {
        offer_id: number
        name: string
        from: string
        until: string | null
        now: boolean
        currency: string
        months: number
        fee: string | null
      }[]
    | null
  readonly dated: readonly Dated[] | null
}
interface Dated {
  readonly kind: 'suspension' | 'discount' | 'free_price'
  readonly id: number
  readonly from: string
  readonly until: string | null
  readonly what: string
  readonly amount: string | null
  readonly percent: string | null
}

/** The body of a subscription's page: everything of it, in one place. Two statements, whatever it has. */
export async function SubscriptionDetails({ row, tx }: { row: Row; tx: Tx }) {
  const head = await readHead(row.id, tx)
  const offer = head.offers?.find(({ now }) => now) ?? head.offers?.at(0)
  return (
    <>
      <div class="mb-4">
        <Stats
          text
          items={[
            {
              label: t('Member'),
              value: <a href={sitePath(`/admin/members/${head.member_id}`)}>{head.member}</a>,
            },
            {
              label: t('Offer'),
              value: offer ? <a href={sitePath(`/admin/offers/${offer.offer_id}`)}>{offer.name}</a> : t('None'),
              note: offer?.fee
                ? t('{{price}} for {{count}} months', { price: formatMoney(offer.fee, offer.currency), count: offer.months })
                : undefined,
            },
            { label: t('Reference'), value: String(row.reference), note: t('For bank transfers') },
          ]}
        >
          <Slot name="subscription.stats" props={{ subscriptionId: row.id, memberId: head.member_id }} />
        </Stats>
      </div>
      <Cols wideLeft>
        <Stack side>
          <Slot name="subscription.side" props={{ subscriptionId: row.id, memberId: head.member_id }} />
          {(row.comments || Number(row.commitmentMonths) > 0) && <Notes row={row} />}
        </Stack>
        <Stack>
          <Slot name="subscription.details" props={{ subscriptionId: row.id }} />
          <Slot name="subscription.money" props={{ subscriptionId: row.id }} />
          <Card title={t('Offers over time')} body={false}>
            <Table
              caption={t('Offers over time')}
              rows={head.offers ?? []}
              rowHref={item => sitePath(`/admin/offers/${item.offer_id}`)}
              columns={[
                { key: 'offer', label: t('Offer'), render: item => item.name, sub: item => (item.now ? t('today') : undefined) },
                { key: 'during', label: t('When'), align: 'num', render: item => formatRange(item.from, item.until) },
              ]}
            />
          </Card>
          <DatedCard id={row.id} rows={head.dated ?? []} />
          <Slot name="subscription.history" props={{ subscriptionId: row.id }} />
        </Stack>
      </Cols>
    </>
  )
}

const Notes = ({ row }: { row: Row }) => (
  <Card title={t('Notes')}>
    <Facts
      items={[
        {
          label: t('Commitment'),
          value: Number(row.commitmentMonths) > 0 ? t('{{count}} months', { count: Number(row.commitmentMonths) }) : undefined,
        },
        { label: t('Comments'), value: String(row.comments) },
      ]}
    />
  </Card>
)

/** Under the name on its page: how it stands today, and since when. One statement. */
export async function SubscriptionHead({ row }: { row: Row }) {
  const { rows } = await currentScope().db.execute<{ state: StateName }>(
    sql`SELECT ${stateSql} AS state FROM subscription WHERE subscription.id = ${row.id}`,
  )
  return (
    <>
      {rows[0] && <State name={rows[0].state} />}
      <span class="quiet">
        {row.resignedOn
          ? formatRange(String(row.startedOn), String(row.resignedOn))
          : t('since {{date}}', { date: formatDate(String(row.startedOn)) })}
      </span>
    </>
  )
}

async function readHead(id: number, tx: Tx): Promise<Head> {
  const { rows } = await tx.execute<Head>(sql`
    SELECT member.id AS member_id, member.display_name AS member,
      (SELECT jsonb_agg(jsonb_build_object('offer_id', o.id, 'name', o.name, 'from', lower(d.during), 'until', upper(d.during) - 1, 'now', d.during @> current_date, 'currency', o.currency, 'months', o.period_months,
          'fee', (SELECT p.period_fee::text FROM offer_price p WHERE p.offer_id = o.id AND p.effective_from <= greatest(current_date, lower(d.during)) ORDER BY p.effective_from DESC LIMIT 1)) ORDER BY d.during DESC)
        FROM subscription_offer d JOIN offer o ON o.id = d.offer_id WHERE d.subscription_id = subscription.id) AS offers,
      (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.from DESC) FROM (
        SELECT 'suspension' AS kind, id, lower(during) AS from, upper(during) - 1 AS until, reason AS what, NULL::text AS amount, NULL::text AS percent FROM subscription_suspension WHERE subscription_id = subscription.id
        UNION ALL SELECT 'discount', id, lower(during), upper(during) - 1, label, amount::text, percent::text FROM subscription_discount WHERE subscription_id = subscription.id
        UNION ALL SELECT 'free_price', id, lower(during), upper(during) - 1, '', period_fee::text, NULL FROM subscription_free_price WHERE subscription_id = subscription.id) x) AS dated
    FROM subscription JOIN member ON member.id = subscription.member_id WHERE subscription.id = ${id}`)
  return rows[0] as Head
}

const kinds = {
  suspension: ['Suspension', 'suspensions'],
  discount: ['Discount', 'discounts'],
  free_price: ['Free price', 'free-prices'],
} as const

function DatedCard({ id, rows }: { id: number; rows: readonly Dated[] }) {
  const add = (kind: keyof typeof kinds, label: string): Content =>
    may(currentScope().actor, `${kind}.add`) && (
      <ButtonLink small kind="plain" href={sitePath(`/admin/${kinds[kind][1]}/new?subscriptionId=${id}`)}>
        {label}
      </ButtonLink>
    )
  return (
    <Card
      title={t('Suspensions, discounts and free prices')}
      body={false}
      actions={
        <>
          {add('suspension', t('Suspend'))}
          {add('discount', t('Grant a discount'))}
          {add('free_price', t('Set a free price'))}
        </>
      }
    >
      <Table
        caption={t('Suspensions, discounts and free prices')}
        rows={rows}
        rowHref={item => sitePath(`/admin/${kinds[item.kind][1]}/${item.id}`)}
        empty={<div class="card-body quiet">{t('None: the offer’s price, all the time.')}</div>}
        columns={[
          { key: 'kind', label: t('Kind'), render: item => t(kinds[item.kind][0]), sub: item => item.what || undefined },
          {
            key: 'amount',
            label: t('Amount'),
            align: 'money',
            render: item => (item.percent ? formatPercent(Number(item.percent) / 100, 2) : item.amount ? formatMoney(item.amount) : '–'),
          },
          { key: 'during', label: t('When'), align: 'num', render: item => formatRange(item.from, item.until) },
        ]}
      />
    </Card>
  )
}

import { getTableColumns, inArray, sql } from 'drizzle-orm'
import { visibleTo } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { type Choice, defineResource, type Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'
import { Addresses, ButtonLink, formatDate, State, type StateName, sitePath } from '../ui/index.ts'
import { offerResource } from './offer-resource.tsx'
import { addSubscription, moveStart, type NewSubscription } from './rules.ts'
import { subscriptionsMatching } from './search.ts'
import { SubscriptionDetails, SubscriptionHead } from './subscription-page.tsx'
import { subscriptions } from './tables.ts'
import { subscriptionsWithin } from './within.ts'

const active = sql`subscription.started_on <= current_date AND (subscription.resigned_on IS NULL OR subscription.resigned_on >= current_date)`

const soldOffers = async (tx: Tx): Promise<Choice[]> => {
  const { rows } = await executePrepared<{ id: number; name: string; reference: string }>(
    tx,
    sql`SELECT id, name, reference FROM offer WHERE sold AND ${visibleTo(offerResource, currentScope().actor)} ORDER BY name, id`,
  )
  return rows.map(({ id, name, reference }) => ({ value: String(id), label: name, help: reference }))
}

export const subscriptionResource = defineResource({
  name: 'subscription',
  plural: 'subscriptions',
  label: 'Subscription',
  labelPlural: 'Subscriptions',
  labelNew: 'New subscription',
  icon: 'router',
  section: 'people',
  order: 20,
  empty: 'Who has what: a member, an offer and a start. The configuration and the addresses follow on its page.',
  table: subscriptions,
  key: [['reference'], ['memberId', 'offerId', 'startedOn']],
  fields: {
    memberId: { label: 'Member', kind: 'reference', reference: 'member' },
    offerId: { label: 'Offer', kind: 'reference', reference: 'offer', required: true, choices: soldOffers },
    startedOn: { label: 'Start', help: 'Today unless given' },
    resignedOn: { label: 'Last day', help: 'The day of resignation is the last day of the service' },
    commitmentMonths: { label: 'Commitment', required: false, unit: 'months', help: 'The offer’s unless given' },
    reference: { label: 'Reference', help: 'What the member writes on bank transfers; made for you unless given, and never changed after' },
    comments: { label: 'Comments', kind: 'textarea', help: 'For staff only' },
  },
  add: ['memberId', 'offerId', 'startedOn', 'commitmentMonths', 'reference', 'comments'],
  planned: true,
  change: ['memberId', 'startedOn', 'resignedOn', 'commitmentMonths', 'comments'],
  list: {
    from: sql`subscription JOIN member ON member.id = subscription.member_id`,
    countFrom: sql`subscription`,
    choice: sql`member.display_name || ' (' || subscription.reference || ')'`,
    columns: [
      { key: 'member', label: 'Member', sql: sql`member.display_name` },
      {
        key: 'offer',
        label: 'Offer',
        sql: sql`(SELECT o.name FROM subscription_offer d JOIN offer o ON o.id = d.offer_id
        WHERE d.subscription_id = row.id AND d.during @> greatest(current_date, row."startedOn") LIMIT 1)`,
        late: true,
        wide: true,
      },
      {
        key: 'addresses',
        label: 'Addresses',
        late: true,
        wide: true,
        // in the order of the index, so that nothing has to be sorted for each row
        sql: sql`(SELECT jsonb_agg(n.prefix) FROM (SELECT n.prefix FROM ip_subnet n
          WHERE n.configuration_id = (SELECT c.id FROM configuration c WHERE c.subscription_id = row.id) ORDER BY n.family, n.prefix) n)`,
        render: value => <Prefixes prefixes={(value as string[] | null) ?? []} />,
      },
      {
        key: 'state',
        label: 'State',
        late: true,
        sql: sql`CASE WHEN row."startedOn" > current_date THEN 'future' WHEN row."resignedOn" < current_date THEN 'ended'
          WHEN EXISTS (SELECT FROM subscription_suspension p WHERE p.subscription_id = row.id AND p.during @> current_date) THEN 'suspended' ELSE 'active' END`,
        render: value => <State name={value as StateName} />,
      },
      {
        key: 'startedOn',
        label: 'Since',
        sql: sql`subscription.started_on`,
        align: 'end',
        wide: true,
        render: value => formatDate(String(value), 'table'),
      },
      {
        key: 'resignedOn',
        label: 'Last day',
        sql: sql`subscription.resigned_on`,
        sortable: false,
        optional: true,
        wide: true,
        align: 'end',
      },
      {
        key: 'commitment',
        label: 'Commitment',
        sql: sql`subscription.commitment_months`,
        sortable: false,
        optional: true,
        wide: true,
        align: 'end',
      },
      { key: 'comments', label: 'Comments', sql: sql`subscription.comments`, sortable: false, optional: true, wide: true },
      { key: 'id', label: 'Id', sql: sql`subscription.id`, optional: true, wide: true, align: 'end' },
    ],
    hidden: { reference: sql`subscription.reference` },
    sub: row => String(row.reference),
    search: term => sql`subscription.id IN ${subscriptionsMatching(term)}`,
    searchHint: 'Name, reference or address',
    filters: {
      offer: {
        label: 'Offer',
        choices: soldOffers,
        // today, or at the start if that is to come: said as two cases, because the planner can tell how many rows the first has
        where:
          value => sql`EXISTS (SELECT FROM subscription_offer d WHERE d.subscription_id = subscription.id AND d.offer_id = ${Number(value) || 0}
          AND (d.during @> current_date AND subscription.started_on <= current_date OR subscription.started_on > current_date AND d.during @> subscription.started_on))`,
      },
      member: { label: 'Member', kind: 'reference', reference: 'member', where: id => sql`subscription.member_id = ${id}` },
      started: { label: 'Start', kind: 'date', sql: sql`subscription.started_on` },
      resigned: { label: 'Last day', kind: 'date', sql: sql`subscription.resigned_on` },
      comments: {
        label: 'Comments',
        kind: 'text',
        where: term => sql`coin.fold(subscription.comments) LIKE '%' || coin.fold(${term}) || '%'`,
      },
    },
    views: [
      { name: 'active', label: 'Active', where: active },
      { name: 'future', label: 'Not started', where: sql`subscription.started_on > current_date` },
      {
        name: 'suspended',
        label: 'Suspended',
        where: sql`subscription.id IN (SELECT p.subscription_id FROM subscription_suspension p WHERE p.during @> current_date)`,
      },
      { name: 'ended', label: 'Ended', where: sql`subscription.resigned_on < current_date` },
    ],
    sort: '-startedOn',
  },
  within: part => sql`subscription.id IN ${subscriptionsWithin(part)}`,
  describe: row => (row.memberName ? `${row.reference} · ${row.memberName}` : String(row.reference)),
  load: async (id, tx) => (await loadSubscriptions([id], tx))[0],
  loadMany: loadSubscriptions,
  find: async (text, tx) => {
    const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM subscription WHERE reference = ${text}`)
    return rows[0]?.id
  },
  head: row => <SubscriptionHead row={row} />,
  details: (row, tx) => <SubscriptionDetails row={row} tx={tx} />,
  actions: row =>
    may(currentScope().actor, 'subscription.change') ? (
      <ButtonLink href={sitePath(`/admin/subscriptions/${row.id}/offer`)} icon="switch-horizontal">
        {t('Change the offer')}
      </ButtonLink>
    ) : undefined,
  create: (input, tx) =>
    addSubscription(tx, given(input) as unknown as NewSubscription, currentScope().registry.config.provider.subscriptionReference),
  async update(id, input, tx) {
    const { startedOn, ...rest } = input
    if (startedOn) await moveStart(tx, id, String(startedOn))
    if (Object.keys(rest).length > 0) await tx.update(subscriptions).set(rest).where(sql`id = ${id}`)
  },
  async consequences(row, tx) {
    const { rows } = await tx.execute<{ prefix: string }>(
      sql`SELECT n.prefix FROM ip_subnet n JOIN configuration c ON c.id = n.configuration_id WHERE c.subscription_id = ${row.id} ORDER BY n.prefix`,
    )
    return [
      t('The subscription and everything known of it goes. To end the service, give it a last day instead.'),
      ...(rows.length > 0
        ? [
            t('{{prefixes}} are released and rest before somebody else gets them.', {
              prefixes: rows.map(({ prefix }) => prefix).join(', '),
            }),
          ]
        : []),
    ]
  },
})

async function loadSubscriptions(ids: readonly number[], tx: Tx): Promise<readonly Row[]> {
  const memberName = sql<string>`(SELECT m.display_name FROM member m WHERE m.id = subscription.member_id)`
  const offerId = sql<number>`(SELECT d.offer_id FROM subscription_offer d
    WHERE d.subscription_id = subscription.id AND d.during @> greatest(current_date, subscription.started_on))`.mapWith(Number)
  const prefixes = sql<string[]>`(SELECT coalesce(jsonb_agg(n.prefix ORDER BY n.prefix), '[]')
    FROM ip_subnet n JOIN configuration c ON c.id = n.configuration_id WHERE c.subscription_id = subscription.id)`
  const rows = await tx
    .select({ ...getTableColumns(subscriptions), memberName, offerId, prefixes })
    .from(subscriptions)
    .where(inArray(subscriptions.id, [...ids]))
  return rows as unknown as Row[]
}

const given = (input: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null && value !== ''))

function Prefixes({ prefixes }: { prefixes: readonly string[] }) {
  if (prefixes.length === 0) return <span class="quiet">{t('None yet')}</span>
  return (
    <>
      <Addresses all={prefixes.slice(0, 3)} />
      {prefixes.length > 3 && <span class="sub">{t('{{count}} more', { count: prefixes.length - 3 })}</span>}
    </>
  )
}

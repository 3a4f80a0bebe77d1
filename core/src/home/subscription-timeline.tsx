import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { inSentence, mayWith } from '../admin/find.ts'
import { type HistoryEntry, type ToldEntry, tellHistory } from '../admin/history.ts'
import { Changes } from '../admin/timeline.tsx'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { Field } from '../app/resource.ts'
import { currentScope, mayEverywhere, withinScope } from '../app/scope.ts'
import { nameOf } from '../configurations/fields.ts'
import type { Tx } from '../db/database.ts'
import { subscriptionOffers } from '../subscriptions/tables.ts'
import { Card, CardBody, formatRange, sitePath, Timeline } from '../ui/index.ts'

/** So many of the newest are shown. */
const shown = 30

interface Entry extends Record<string, unknown>, HistoryEntry {
  readonly table: string
}

/** What happened to a subscription, in one line of time: itself, its offers, suspensions, discounts and prices, its configuration, its addresses. */
export async function SubscriptionTimeline({ subscriptionId }: { subscriptionId: number }) {
  const { db, registry, actor } = currentScope()
  if (!(await mayWith('subscription.view', 'subscription', subscriptionId))) return undefined
  const entries = await entriesOf(db, registry, subscriptionId)
  const told = await Promise.all([...Map.groupBy(entries, ({ table }) => table)].map(([table, own]) => tell(db, registry, table, own)))
  // the row that only ties others together says nothing by itself
  const items = told
    .flat()
    .filter(({ changes, op }) => changes.length > 0 || op === 'removed')
    .sort((one, other) => other.order - one.order)
  return (
    <Card
      title={t('History')}
      id="history"
      body={false}
      actions={
        mayEverywhere(actor, 'subnet.view') && (
          <a class="small quiet u" href={`${sitePath('/admin/holders')}?subscription=${subscriptionId}`}>
            {t('Addresses ever held')}
          </a>
        )
      }
    >
      <CardBody>
        {items.length > 0 ? (
          <Timeline
            items={items
              .slice(0, shown)
              .map(({ at, words, changes, op }) => ({ at, text: <Deed words={words} changes={changes} first={op === 'added'} /> }))}
          />
        ) : (
          <p class="quiet m-0">{t('Nothing is known of its past.')}</p>
        )}
        {items.length > shown && <p class="quiet small mt-3 mb-0">{t('Only the newest are shown.')}</p>}
      </CardBody>
    </Card>
  )
}

const Deed = ({ words, changes, first }: { words: string; changes: ToldEntry['changes']; first: boolean }) => (
  <>
    {words}
    <Changes changes={changes} first={first} />
  </>
)

/** Rows that are gone are found by what they said when they went. One statement. */
async function entriesOf(db: Tx, registry: Registry, id: number): Promise<readonly Entry[]> {
  const types = [...registry.configurations.keys()]
  const { rows } = await db.execute<Entry>(sql`
    WITH own AS (
      SELECT 'subscription' AS table_name, ${id}::bigint AS row_id
      UNION SELECT 'subscription_offer', id FROM subscription_offer WHERE subscription_id = ${id}
      UNION SELECT 'subscription_suspension', id FROM subscription_suspension WHERE subscription_id = ${id}
      UNION SELECT 'subscription_discount', id FROM subscription_discount WHERE subscription_id = ${id}
      UNION SELECT 'subscription_free_price', id FROM subscription_free_price WHERE subscription_id = ${id}
      UNION SELECT table_name, row_id FROM coin.history WHERE op = 'removed' AND changes #>> '{subscription_id,0}' = ${String(id)}
      UNION SELECT t, c.id FROM configuration c CROSS JOIN unnest(ARRAY['configuration', c.type]) AS t WHERE c.subscription_id = ${id} AND t IN ('configuration', ${sql.join(types.length > 0 ? types.map(type => sql`${type}`) : [sql`''`], sql`, `)})
      UNION SELECT 'ip_subnet', subnet_id FROM ip_assignment WHERE subscription_id = ${id})
    SELECT h.id, h.table_name AS table, h.at, coalesce(h.actor ->> 'label', '') AS actor, h.op, h.changes
    FROM own JOIN coin.history h USING (table_name, row_id) ORDER BY h.id DESC LIMIT ${shown + 1}`)
  return rows.map(row => ({ ...row, at: new Date(row.at).toISOString() }))
}

interface Told extends ToldEntry {
  readonly order: number
  readonly words: string
}

async function tell(db: Tx, registry: Registry, table: string, entries: readonly Entry[]): Promise<Told[]> {
  const known = kindOf(registry, table)
  if (!known) return entries.map(entry => ({ ...entry, changes: [], order: entry.id, words: deed(entry, table) }))
  return withinScope({ app: known.app }, async () => {
    const label = inSentence(t(known.label))
    const told = await tellHistory(registry, db, known.table, known.fields, entries.map(inWords))
    return told.map((entry, at) => ({ ...entry, order: entries[at]?.id ?? 0, words: deed(entry, label) }))
  })
}

interface Kind {
  readonly app: string
  readonly label: string
  readonly table: PgTable
  readonly fields: Readonly<Record<string, Field | undefined>>
}

/** In whose words a table is told: those of the resource or the type of configuration that it is kept for. */
function kindOf(registry: Registry, table: string): Kind | undefined {
  if (table === 'subscription_offer')
    return {
      app: 'subscriptions',
      label: 'Offer',
      table: subscriptionOffers,
      fields: { offerId: { label: 'Offer', reference: 'offer' }, during: { label: 'When' } },
    }
  const type = registry.configurations.get(table)
  if (type)
    return {
      app: type.app,
      label: nameOf(type.configuration),
      table: type.configuration.spec.table,
      fields: type.configuration.spec.fields ?? {},
    }
  const found = [...registry.resources.values()].find(({ resource }) => resource.tableName === table)
  return (
    found && {
      app: found.app,
      label: found.resource.label,
      table: found.resource.table,
      fields: { ...found.resource.fields, during: { label: 'When' } },
    }
  )
}

/** Days as people read them; what says only which subscription it belongs to is left out. */
const inWords = (entry: Entry): HistoryEntry => ({
  ...entry,
  changes: Object.fromEntries(
    Object.entries(entry.changes)
      .filter(([name]) => !['subscription_id', 'configuration_id', 'configuration_type', 'pool_id', 'family'].includes(name))
      .map(([name, [before, after]]) => [name, name === 'during' ? [days(before), days(after)] : [before, after]] as const),
  ),
})

function days(range: unknown): unknown {
  const [, first, end] = /^\[(\d{4}-\d{2}-\d{2}),(\d{4}-\d{2}-\d{2})?\)$/.exec(String(range)) ?? []
  return first ? formatRange(first, end ? Temporal.PlainDate.from(end).subtract({ days: 1 }).toString() : null) : range
}

function deed({ op, actor }: Pick<ToldEntry, 'op' | 'actor'>, what: string): string {
  const values = { actor: actor || t('Somebody'), what }
  if (op === 'added') return t('{{actor}} added: {{what}}.', values)
  return op === 'changed' ? t('{{actor}} changed: {{what}}.', values) : t('{{actor}} removed: {{what}}.', values)
}

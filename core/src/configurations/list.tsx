import { type SQL, sql } from 'drizzle-orm'
import { tellValue } from '../admin/history.ts'
import type { AnyConfiguration } from '../app/configuration.ts'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { ListColumn, ResourceList, Row } from '../app/resource.ts'
import { currentScope, scopeIfAny, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { subscriptionsMatching } from '../subscriptions/search.ts'
import { Address, sitePath } from '../ui/index.ts'
import { fieldsOf, nameOf } from './fields.ts'
import { loadConfigurations } from './queries.ts'

const from = sql`configuration JOIN subscription ON subscription.id = configuration.subscription_id JOIN member ON member.id = subscription.member_id`

const matches = (term: string): SQL => sql`configuration.subscription_id IN ${subscriptionsMatching(term)}`

const described: ListColumn = { key: 'described', label: 'Configuration', sql: sql`''`, sortable: false }
const typeColumn: ListColumn = {
  key: 'type',
  label: 'Type',
  sql: sql`configuration.type`,
  wide: true,
  render: (_, row) => String(row.typeName ?? row.type),
}
const holder: readonly ListColumn[] = [
  { key: 'member', label: 'Member', sql: sql`member.display_name` },
  {
    key: 'subscription',
    label: 'Subscription',
    sql: sql`subscription.reference`,
    wide: true,
    render: (value, row) => <a href={sitePath(`/admin/subscriptions/${row.subscriptionId}`)}>{String(value)}</a>,
  },
  {
    key: 'addresses',
    label: 'Addresses',
    late: true,
    wide: true,
    sql: sql`(SELECT jsonb_agg(n.prefix ORDER BY n.prefix) FROM ip_subnet n WHERE n.configuration_id = row.id)`,
    render: value => <Prefixes prefixes={(value as string[] | null) ?? []} />,
  },
]

/** The list over all types; with the columns of one when it is the view. */
export function listOf(registry: Registry, view: string): ResourceList {
  const chosen = registry.configurations.get(view)?.configuration
  const list = chosen ? listOfType(chosen) : allTypes
  const views = [...registry.configurations.values()].map(({ app, configuration }) => ({
    name: configuration.type,
    label: registry.translations.translator(scopeIfAny()?.locale ?? 'en', app)(nameOf(configuration)),
    where: sql`configuration.type = ${configuration.type}`,
  }))
  return { ...list, views }
}

/** What every type has. */
export const allTypes: ResourceList = {
  from,
  countFrom: sql`configuration`,
  columns: [described, typeColumn, ...holder],
  hidden: { subscriptionId: sql`configuration.subscription_id` },
  search: matches,
  searchHint: 'Name, reference or address',
  sort: '-id',
  choice: sql`member.display_name || ' (' || subscription.reference || ')'`,
  complete: describeRows,
}

/** The list of one type, with its own columns. */
export function listOfType(configuration: AnyConfiguration): ResourceList {
  const { table, admin } = configuration.spec
  const fields = new Map(fieldsOf(configuration).map(field => [field.name, field]))
  const shown = (admin.list ?? []).flatMap(name => fields.get(name) ?? [])
  const own = shown.flatMap(field => (field.column ? [{ field, column: sql`${table}.${sql.identifier(field.column.name)}` }] : []))
  const texts = own.filter(({ field }) => field.column?.dataType === 'string')
  return {
    ...allTypes,
    from: sql`${from} JOIN ${table} ON ${table.id} = configuration.id`,
    columns: [
      described,
      ...own.map(
        ({ field, column }): ListColumn => ({
          key: `own_${field.name}`,
          label: field.label,
          sql: column,
          render: value => tellValue(value, field),
        }),
      ),
      ...holder,
    ],
    search: term =>
      sql`(${sql.join([matches(term), ...texts.map(({ column }) => sql`${column}::text ILIKE '%' || ${term} || '%'`)], sql` OR `)})`,
  }
}

/** Each row as its app describes it, all in one batch. */
export async function describeRows(rows: readonly Row[], tx: Tx): Promise<readonly Row[]> {
  const { registry } = currentScope()
  const found = new Map(
    (
      await loadConfigurations(
        registry,
        tx,
        rows.map(row => Number(row.id)),
      )
    ).map(configuration => [configuration.id, configuration]),
  )
  return rows.map(row => {
    const configuration = found.get(row.id)
    const known = configuration && registry.configurations.get(String(configuration.type))
    if (!configuration || !known) return { ...row, described: `${row.type ?? ''} #${row.id}` }
    const { app, configuration: kind } = known
    return withinScope({ app }, () => ({ ...row, typeName: t(nameOf(kind)), described: kind.spec.describe(configuration) || `#${row.id}` }))
  })
}

const Prefixes = ({ prefixes }: { prefixes: readonly string[] }) =>
  prefixes.length === 0 ? (
    <span class="quiet">{t('None yet')}</span>
  ) : (
    <>
      {prefixes.slice(0, 3).map((prefix, index) => (
        <>
          {index > 0 && <br />}
          <Address>{prefix}</Address>
        </>
      ))}
      {prefixes.length > 3 && <span class="sub">{t('{{count}} more', { count: prefixes.length - 3 })}</span>}
    </>
  )

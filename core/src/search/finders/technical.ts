import { type SQL, sql } from 'drizzle-orm'
import { visibleTo } from '../../admin/find.ts'
import { literal } from '../../admin/list-search.ts'
import type { AnyConfiguration } from '../../app/configuration.ts'
import { asWords, defineFinder, type Hit } from '../../app/finder.ts'
import type { Row } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import { fieldsOf } from '../../configurations/fields.ts'
import { describeRows } from '../../configurations/list.tsx'
import type { Tx } from '../../db/database.ts'
import { macIn, macNotations, phoneIn } from '../readings.ts'

interface Wanted {
  readonly words?: string
  readonly mac?: string
  readonly phone?: string
}

/** Configurations by what their types keep: a login, a MAC address, the number of a line. Whichever app brings the type. */
export const configurations = defineFinder<Wanted>({
  name: 'configuration',
  label: 'Configurations',
  icon: 'settings',
  access: 'configuration.view',
  narrows: true,
  understand(text) {
    const [mac, phone, words] = [macIn(text), phoneIn(text), asWords(text)]
    if (mac) return { as: 'a MAC address', value: { mac }, certain: true }
    if (phone) return { as: 'a phone number', value: { phone } }
    return words && { as: words.as, value: { words: words.value } }
  },
  async find(wanted, tx, limit) {
    const { registry } = currentScope()
    const parts = [...registry.configurations.values()].flatMap(({ configuration }) => partOf(configuration, wanted, limit) ?? [])
    return parts.length === 0 ? [] : told(tx, parts, limit)
  },
})

/** The configurations of one type that have it in one of the columns people see. */
function partOf(configuration: AnyConfiguration, { words, mac, phone }: Wanted, limit: number): SQL | undefined {
  const { registry, actor } = currentScope()
  const resource = registry.resources.get('configuration')?.resource
  const { table } = configuration.spec
  const columns = fieldsOf(configuration).flatMap(({ column }) =>
    column && column.dataType === 'string' && !/^(inet|cidr|date|timestamp|numeric)/.test(column.getSQLType())
      ? [sql`${table}.${sql.identifier(column.name)}::text`]
      : [],
  )
  if (!resource || columns.length === 0) return undefined
  const matches = (column: SQL) => {
    if (mac) return sql`${column} = ANY (${sql.param(macNotations(mac))}::text[])`
    if (phone) return sql`coin.phone_digits(${column}) LIKE ${`%${phone}`}`
    return sql`${column} ILIKE ${`%${literal(words ?? '')}%`}`
  }
  const same = columns.map(column => sql`lower(${column}) = lower(${words ?? ''})`)
  return sql`(SELECT configuration.id, configuration.type, member.display_name AS member, subscription.reference,
      ${words ? sql`(${sql.join(same, sql` OR `)})` : sql`true`} AS exact
    FROM configuration JOIN subscription ON subscription.id = configuration.subscription_id JOIN member ON member.id = subscription.member_id
      JOIN ${table} ON ${table.id} = configuration.id
    WHERE (${visibleTo(resource, actor)}) AND (${sql.join(columns.map(matches), sql` OR `)}) LIMIT ${limit})`
}

async function told(tx: Tx, parts: readonly SQL[], limit: number): Promise<Hit[]> {
  const { rows } = await tx.execute<Row & Record<string, unknown>>(
    sql`SELECT * FROM (${sql.join([...parts], sql` UNION ALL `)}) AS found ORDER BY exact DESC, id LIMIT ${limit}`,
  )
  return (await describeRows(rows, tx)).map(row => ({
    label: String(row.described),
    sub: [row.typeName, row.member, row.reference].filter(Boolean).join(' · '),
    path: `/admin/configurations/${row.id}`,
    exact: row.exact === true,
  }))
}

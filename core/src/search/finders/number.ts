import { sql } from 'drizzle-orm'
import { keyColumns, visibleTo } from '../../admin/find.ts'
import { defineFinder } from '../../app/finder.ts'
import { t } from '../../app/i18n.ts'
import { currentScope, may, withinScope } from '../../app/scope.ts'
import { numberIn } from '../readings.ts'

/** Whatever has the number that Coin gave it: `#12`. */
export const numbered = defineFinder<number>({
  name: 'number',
  label: 'With this number',
  icon: 'tag',
  access: 'staff',
  narrows: true,
  understand(text) {
    const value = numberIn(text)
    return value === undefined ? undefined : { as: 'the number of something', value, certain: true }
  },
  async find(number, tx, limit) {
    const { registry, actor } = currentScope()
    const seen = [...registry.resources.values()].filter(({ resource }) => may(actor, `${resource.name}.view`))
    const parts = seen.map(
      ({
        resource,
      }) => sql`SELECT ${resource.name} AS name, (${label(resource.list.choice ?? resource.list.columns.find(({ late }) => !late)?.sql)})::text AS label
        FROM ${resource.list.from} WHERE (${visibleTo(resource, actor)}) AND ${keyColumns(resource.table).id} = ${number}`,
    )
    if (parts.length === 0) return []
    const { rows } = await tx.execute<{ name: string; label: string | null }>(sql`${sql.join(parts, sql` UNION ALL `)} LIMIT ${limit}`)
    return rows.flatMap(({ name, label: called }) => {
      const found = registry.resources.get(name)
      if (!found) return []
      const kind = withinScope({ app: found.app }, () => t(found.resource.label))
      return [{ label: `${kind} #${number}`, sub: called ?? undefined, path: `/admin/${found.resource.plural}/${number}`, exact: true }]
    })
  },
})

const label = (column = sql`''`) => column

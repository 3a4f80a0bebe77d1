import { getTableColumns, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Choice } from '../app/resource.ts'
import { currentScope, may, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { ButtonLink, Card, formatNumber } from '../ui/index.ts'
import { keyColumns, visibleTo } from './find.ts'
import { labelledRows } from './list.ts'
import { pathOf } from './row-pages.tsx'
import { can } from './write.ts'

/** As many of each kind are named; the list has the others. */
const most = 5

interface Reference {
  readonly app: string
  readonly resource: AnyResource
  /** The field that names the row. */
  readonly field: string
}

/**
 * What refers to a row, kind by kind, from the declarations of those kinds: the first few, how many there are, and a new one. A page with a
 * body of its own shows the core's kinds itself; those of other apps join here.
 */
export async function Related({ registry, resource, id, tx }: { registry: Registry; resource: AnyResource; id: number; tx: Tx }) {
  const { actor } = currentScope()
  const cards = []
  for (const reference of referencesTo(registry, resource)) {
    if (!may(actor, `${reference.resource.name}.view`)) continue
    cards.push(await withinScope({ app: reference.app }, () => RelatedCard(reference, id, tx)))
  }
  return cards.length > 0 && <div class="stack">{cards}</div>
}

const referencesTo = (registry: Registry, { name, details, inlines }: AnyResource): Reference[] =>
  [...registry.resources.values()].flatMap(({ app, resource }) =>
    (resource.offMenu && !inlines?.some(inline => inline.resource === resource.name)) || (details && registry.coreApps.has(app))
      ? []
      : Object.entries(resource.fields)
          .filter(([field, { reference }]) => reference === name && field in getTableColumns(resource.table))
          .map(([field]) => ({ app, resource, field })),
  )

async function RelatedCard({ resource, field }: Reference, id: number, tx: Tx) {
  const { actor } = currentScope()
  const column = getTableColumns(resource.table)[field]
  const mine = sql`${column} = ${id} AND ${visibleTo(resource, actor)}`
  const shown = await labelledRows(resource, tx, sql`${mine} ORDER BY ${keyColumns(resource.table).id} DESC LIMIT ${most + 1}`)
  const filtered = resource.list.filters?.[field] !== undefined
  return (
    <Card
      title={t(resource.labelPlural)}
      note={shown.length > most ? t('the newest {{count}}', { count: most }) : formatNumber(shown.length)}
      actions={
        can(resource, 'add', actor) &&
        resource.add.includes(field) && (
          <ButtonLink small icon="plus" href={`${pathOf(resource, 'new')}?${field}=${id}`}>
            {t(resource.labelNew ?? 'Add')}
          </ButtonLink>
        )
      }
    >
      {shown.length === 0 ? (
        <p class="quiet">{t('None')}</p>
      ) : (
        <ul class="plain">
          {shown.slice(0, most).map(row => (
            <li>
              <RowLink resource={resource} row={row} />
            </li>
          ))}
        </ul>
      )}
      {shown.length > most && <a href={filtered ? `${pathOf(resource)}?${field}=${id}` : pathOf(resource)}>{t('All')}</a>}
    </Card>
  )
}

const RowLink = ({ resource, row }: { resource: AnyResource; row: Choice }) => <a href={pathOf(resource, row.value)}>{row.label}</a>

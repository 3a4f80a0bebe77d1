import { t } from '../app/i18n.ts'
import type { AnyResource, BulkActions } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { type Content, Icon, sitePath } from '../ui/index.ts'
import type { ListResult } from './list.ts'
import { queryOf } from './list-address.ts'
import { bulkDeeds, bulkFields } from './transfer/bulk-fields.ts'
import { kindShown } from './transfer/export-table.ts'
import { importableBy } from './transfer/kinds.ts'
import { can } from './write.ts'

interface ListActionsProps {
  readonly resource: AnyResource
  readonly result: ListResult
  /** The query that gives this list again. */
  readonly query: URLSearchParams
}

/** Links below a list that work on all of it: the rows as a file, and rows from a file. */
export function ListActions({ resource, result, query }: ListActionsProps): Content {
  const { registry, actor } = currentScope()
  const path = sitePath(`/admin/${resource.plural}/export`)
  const kind = importableBy(registry, actor).find(
    each => each.resource.name === resource.name && (!resource.variants || each.name === result.view),
  )
  if (result.total === 0 && !kind) return null
  return (
    <p class="actions small">
      {result.total > 0 && (
        <a class="btn" href={query.size > 0 ? `${path}?${query}` : path}>
          <Icon name="download" />
          {result.more ? t('Export') : t('Export {{count}} rows', { count: result.total })}
        </a>
      )}
      {kind && (
        <a class="btn" href={`${sitePath('/admin/import')}?kind=${encodeURIComponent(kind.name)}`}>
          <Icon name="upload" />
          {t('Import')}
        </a>
      )}
    </p>
  )
}

/** What can be done with the chosen rows of a list, or with all of them: what the resource offers first, then changing and removing. */
export function bulkOf(resource: AnyResource, result: ListResult): ChosenActions | undefined {
  const own = resource.bulk?.(result.view)
  const general = [
    ...(bulkFields(kindShown(currentScope().registry, resource, result.view)).length > 0 && can(resource, 'change', currentScope().actor)
      ? [{ value: bulkDeeds.change, label: t('Change those chosen') }]
      : []),
    ...(can(resource, 'remove', currentScope().actor) && !own?.actions.some(({ value }) => value === 'remove')
      ? [{ value: bulkDeeds.remove, label: t('Remove those chosen') }]
      : []),
  ]
  if (general.length === 0) return own
  const query = String(queryOf(result))
  const all = result.more ? t('or all that match') : t('or all {{count}}', { count: result.total })
  return {
    path: `/admin/${resource.plural}/bulk${result.view ? `?view=${encodeURIComponent(result.view)}` : ''}`,
    actions: [...(own?.actions ?? []), ...general],
    ...(result.total > result.rows.length && { all: { label: all, query } }),
  }
}

interface ChosenActions extends BulkActions {
  readonly all?: { readonly label: string; readonly query: string }
}

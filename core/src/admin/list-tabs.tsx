import { t } from '../app/i18n.ts'
import type { AnyResource } from '../app/resource.ts'
import { sitePath, Views, withQuery } from '../ui/index.ts'
import type { ListResult } from './list.ts'
import type { ListPreference, SavedView } from './saved-view.ts'
import { address } from './saved-view-form.ts'

interface TabsProps {
  readonly resource: AnyResource
  readonly result: ListResult
  readonly query: URLSearchParams
  readonly preference: ListPreference
  readonly saved: SavedView | undefined
}

/** The views that a list declares and those that were saved. A declared one keeps what is searched and filtered; a saved one says it all itself. */
export function ViewTabs({ resource, result, query, preference, saved }: TabsProps) {
  const views = result.list.views ?? []
  if (views.length === 0 && preference.views.length === 0) return null
  const path = sitePath(`/admin/${resource.plural}`)
  const tab = (name: string, label: string) => ({
    label,
    count: result.counts[name],
    current: !saved && result.view === name,
    href: withQuery(query, { view: name, saved: undefined }),
  })
  // an address without anything opens the list with what somebody has chosen
  const all = { ...tab('', t('All')), ...(preference.opensWith !== undefined && query.size <= 1 && { href: `${path}?view=` }) }
  return (
    <Views
      label={t('Views')}
      items={[
        all,
        ...views.map(({ name, label }) => tab(name, t(label))),
        ...preference.views.map(view => ({
          label: view.name,
          current: view.id === saved?.id,
          href: address(path, view.query, view.id),
        })),
      ]}
    />
  )
}

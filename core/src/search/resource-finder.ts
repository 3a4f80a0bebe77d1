import { literal } from '../admin/list-search.ts'
import { type AnyFinder, asWords, defineFinder } from '../app/finder.ts'
import type { AnyResource } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { rowHits } from './rows.ts'

/** What the search makes of a resource by itself: its list, searched; undefined when it has no search, or is reached from other pages only. */
export function finderOf(resource: AnyResource): AnyFinder | undefined {
  if (resource.offMenu || resource.inSearch === false) return undefined
  const { search } = resource.listFor?.('', currentScope().registry) ?? resource.list
  if (!search) return undefined
  return defineFinder<string>({
    name: resource.name,
    label: resource.labelPlural,
    ...(resource.icon && { icon: resource.icon }),
    access: `${resource.name}.view`,
    narrows: true,
    understand: asWords,
    find: (text, tx, limit) => rowHits(resource.name, tx, limit, { where: search(literal(text)), text }),
    all: text => `/admin/${resource.plural}?q=${encodeURIComponent(text)}`,
  })
}

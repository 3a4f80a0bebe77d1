import type { Shell, MenuSection as UiSection } from '../ui/host.ts'
import { allows } from './access.ts'
import { menuSections } from './menu.ts'
import type { Registry } from './registry.ts'
import { rightsKey } from './rights.ts'
import { type Actor, may } from './scope.ts'

const headings: Readonly<Record<string, string>> = {
  today: '',
  people: 'People',
  money: 'Money',
  network: 'Network',
  apps: 'Apps',
  settings: 'Settings',
  account: '',
}

/** The menus of a site. Whoever may do the same has the same one: it is put together once. */
export function menusOf(registry: Pick<Registry, 'menu' | 'resources' | 'routes'>, basePath: string): Registry['menuFor'] {
  const known = new Map<string, readonly UiSection[]>()
  return (actor, shell) => {
    const key = `${shell} ${actor.memberId !== undefined} ${rightsKey(actor)}`
    const found = known.get(key)
    if (found) return found
    const menu = menuFor(registry, basePath, actor, shell)
    // roles are changed now and then, and the menus of those that were are forgotten
    if (known.size >= mostMenus) known.clear()
    known.set(key, menu)
    return menu
  }
}

const mostMenus = 200

/** The menu of one actor: what the apps declare and, for staff, each resource; only what this actor may open. */
function menuFor(
  registry: Pick<Registry, 'menu' | 'resources' | 'routes'>,
  basePath: string,
  actor: Actor,
  shell: Shell,
): readonly UiSection[] {
  if (shell === 'guest') return []
  const lines = [...(shell === 'staff' ? resourceLines(registry, actor) : []), ...itemLines(registry, actor, shell)].sort(
    (a, b) => a.order - b.order,
  )
  const sections = shell === 'staff' ? menuSections : (['apps'] as const)
  return sections
    .map(section => ({
      section: shell === 'staff' ? (headings[section] ?? section) : '',
      items: lines
        .filter(line => shell !== 'staff' || line.section === section)
        .map(({ label, path, icon, app, count }) => ({ label, icon, app, href: basePath + path, ...(count && { count }) })),
    }))
    .filter(({ items }) => items.length > 0)
}

const resourceLines = (registry: Pick<Registry, 'resources'>, actor: Actor) =>
  [...registry.resources.values()]
    .filter(({ resource }) => !resource.offMenu && may(actor, `${resource.name}.view`))
    .map(({ resource, app }) => ({
      app,
      label: resource.labelPlural,
      path: `/admin/${resource.plural}`,
      icon: resource.icon,
      order: resource.order ?? 100,
      section: resource.section ?? 'apps',
      count: resource.count,
    }))

const itemLines = (registry: Pick<Registry, 'menu' | 'routes'>, actor: Actor, shell: Shell) =>
  registry.menu.flatMap(item => {
    const route = registry.routes.find(({ name }) => name === item.route)
    if (!route || (item.audience ?? 'member') !== shell || !allows(route.access, actor, route.kind === 'view' && route.view.narrows))
      return []
    return [
      {
        app: item.app,
        label: item.label,
        path: route.path,
        icon: item.icon,
        order: item.order ?? 100,
        section: item.section ?? 'apps',
        count: item.count,
      },
    ]
  })

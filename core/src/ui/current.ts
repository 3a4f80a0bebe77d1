import { currentScope, isStaff } from '../app/scope.ts'
import { host, type Shell } from './host.ts'

/** The address of the menu that leads to the current page: the longest that the page's begins with. */
export function currentEntry(shell: Shell): string | undefined {
  const { actor, basePath, path } = currentScope()
  const here = basePath + path
  const homes = [basePath, `${basePath}/`, `${basePath}/admin`, `${basePath}/admin/`]
  return host()
    .menuFor(actor, shell)
    .flatMap(({ items }) => items.map(item => item.href))
    .filter(href => (homes.includes(href) ? here === href : within(here, href)))
    .sort((a, b) => b.length - a.length)[0]
}

/** The frame of the current page: `/admin` is staff's, and so is what the staff menu leads to more closely than the members'. */
export function shellOfPage(): Shell {
  const { actor, path } = currentScope()
  if (actor.kind === 'nobody') return 'guest'
  if (!isStaff(actor)) return 'member'
  if (within(path, '/admin')) return 'staff'
  const [staff, member] = [currentEntry('staff')?.length ?? 0, currentEntry('member')?.length ?? 0]
  return staff > member || (staff === member && actor.memberId === undefined) ? 'staff' : 'member'
}

const within = (path: string, prefix: string) => path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)

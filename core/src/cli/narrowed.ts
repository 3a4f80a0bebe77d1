import { type Selection, selectionOf } from '../admin/list.ts'
import type { ListQuery } from '../admin/list-query.ts'
import { usage } from './failure.ts'
import type { ObjectCommand } from './object-actions.ts'

/** What narrows a list on the command line. */
export interface Narrowing {
  readonly search?: string
  readonly filter?: Readonly<Record<string, string>>
  readonly view?: string
  readonly sort?: string
}

/** The query of a list. Unlike a page, a command says what it does not understand: a script must not take all rows for some. */
export async function narrowedQuery({ coin, resource }: ObjectCommand, options: Narrowing): Promise<ListQuery> {
  const query = { search: options.search, filters: options.filter, view: options.view, sort: options.sort }
  requireUnderstood(await selectionOf(resource, coin.database.db, query), options)
  return query
}

/** Throws unless all of the options were understood. */
export function requireUnderstood(
  { list, choices, filters, view, sort }: Pick<Selection, 'list' | 'choices' | 'filters' | 'view' | 'sort'>,
  options: Narrowing,
): void {
  for (const [name, value] of Object.entries(options.filter ?? {})) {
    if (filters[name] !== undefined) continue
    const known = choices[name]
    if (known) throw usage(`No ${name} is '${value}'.`, `Use one of ${known.map(choice => choice.value).join(', ')}.`)
    throw usage(`There is no filter ${name}, or not with '${value}'.`, `Use one of ${Object.keys(list.filters ?? {}).join(', ')}.`)
  }
  if (options.view !== undefined && view !== options.view)
    throw usage(`There is no view ${options.view}.`, `Use one of ${(list.views ?? []).map(each => each.name).join(', ')}.`)
  if (options.sort !== undefined && sort.key !== options.sort.replace(/^-/, ''))
    throw usage(`These cannot be sorted by ${options.sort}.`, `Use one of ${list.columns.map(column => column.key).join(', ')}.`)
}

import type { ListResult } from './list.ts'
import { pageSizes } from './list-query.ts'

/** The query that gives this list again, in one form. */
export function queryOf({ list, search, view, sort, size, filters, chosen }: ListResult): URLSearchParams {
  const order = `${sort.descending ? '-' : ''}${sort.key}`
  const all = {
    q: search,
    view,
    ...filters,
    sort: order === list.sort ? '' : order,
    size: size === pageSizes[0] ? '' : String(size),
    columns: chosen?.join(',') ?? '',
  }
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ''))
}

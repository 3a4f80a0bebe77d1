import { type RowKey, readKey } from './list-key.ts'

/** How many rows a page may have; the first is the usual one. */
export const pageSizes = [50, 25, 100] as const

/** What a list is asked for. Anything may come from an address bar: what is not understood is left out. */
export interface ListQuery {
  readonly search?: string | undefined
  readonly view?: string | undefined
  readonly filters?: Readonly<Record<string, string | undefined>> | undefined
  readonly sort?: string | undefined
  readonly page?: number | undefined
  readonly size?: number | undefined
  /** The page begins behind this row, or ends before it: however far in, it is found at once. `page` then only says how far that is. */
  readonly after?: RowKey | undefined
  readonly before?: RowKey | undefined
  /** The keys of the columns to show; else those that somebody usually wants, else those of the declaration. */
  readonly columns?: readonly string[] | undefined
  readonly usualColumns?: readonly string[] | undefined
}

const ownParameters = new Set(['q', 'view', 'sort', 'page', 'size', 'after', 'before', 'columns', 'saved', 'query', 'do'])

/** What the address bar asks of a list. */
export function readListQuery(query: URLSearchParams): ListQuery {
  const number = (name: string) => (/^\d{1,9}$/.test(query.get(name) ?? '') ? Number(query.get(name)) : undefined)
  const size = number('size')
  const columns = query
    .getAll('columns')
    .flatMap(text => text.split(','))
    .filter(Boolean)
  return {
    search: query.get('q') ?? undefined,
    view: query.get('view') ?? undefined,
    sort: query.get('sort') ?? undefined,
    page: number('page'),
    size: pageSizes.find(known => known === size),
    after: readKey(query.get('after')),
    before: readKey(query.get('before')),
    columns: columns.length > 0 ? columns : undefined,
    filters: Object.fromEntries([...query].filter(([name]) => !ownParameters.has(name))),
  }
}

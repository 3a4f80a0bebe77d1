import { t } from '../app/i18n.ts'
import type { AnyResource, ListColumn, Row } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import {
  Bulk,
  ButtonLink,
  type Column,
  type Content,
  Empty,
  Field,
  Filters,
  formatDate,
  NothingMatches,
  Page,
  Pager,
  sitePath,
  Table,
  Views,
  withQuery,
} from '../ui/index.ts'
import { isSortable, type ListQuery, type ListResult, pageSizes } from './list.ts'
import { can } from './write.ts'

const ownParameters = new Set(['q', 'view', 'sort', 'page', 'size'])

/** What the address bar asks of a list. */
export function readListQuery(query: URLSearchParams): ListQuery {
  const number = (name: string) => (/^\d{1,9}$/.test(query.get(name) ?? '') ? Number(query.get(name)) : undefined)
  const size = number('size')
  return {
    search: query.get('q') ?? undefined,
    view: query.get('view') ?? undefined,
    sort: query.get('sort') ?? undefined,
    page: number('page'),
    size: pageSizes.find(known => known === size),
    filters: Object.fromEntries([...query].filter(([name]) => !ownParameters.has(name))),
  }
}

/** The query that gives this list again, in one form. */
function queryOf({ list, search, view, sort, size, filters }: ListResult): URLSearchParams {
  const order = `${sort.descending ? '-' : ''}${sort.key}`
  const all = { q: search, view, ...filters, sort: order === list.sort ? '' : order, size: size === pageSizes[0] ? '' : String(size) }
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ''))
}

/** The generic list page: views as tabs, live search, filters as chips, sorting, pages. */
export function ListPage({ resource, result }: { resource: AnyResource; result: ListResult }) {
  const path = sitePath(`/admin/${resource.plural}`)
  const query = queryOf(result)
  const add = can(resource, 'add', currentScope().actor) && (
    <ButtonLink href={`${path}/new`} kind="primary" icon="plus">
      {t(resource.labelNew ?? 'Add')}
    </ButtonLink>
  )
  const none = (result.counts[''] ?? 0) === 0
  return (
    <Page title={t(resource.labelPlural)} actions={!none && add}>
      {none ? (
        <Empty title={t('{{kinds}}: none yet', { kinds: t(resource.labelPlural) })} icon={resource.icon ?? 'package'} actions={add}>
          {resource.empty && t(resource.empty)}
        </Empty>
      ) : (
        <>
          <ViewTabs result={result} query={query} />
          <ListFilters resource={resource} result={result} query={query} />
          <Rows resource={resource} result={result} query={query} />
        </>
      )}
    </Page>
  )
}

interface PartProps {
  readonly resource: AnyResource
  readonly result: ListResult
  readonly query: URLSearchParams
}

function ViewTabs({ result, query }: Omit<PartProps, 'resource'>) {
  const views = result.list.views ?? []
  if (views.length === 0) return null
  const tab = (name: string, label: string) => ({
    label,
    count: result.counts[name],
    current: result.view === name,
    href: withQuery(query, { view: name }),
  })
  return <Views label={t('Views')} items={[tab('', t('All')), ...views.map(({ name, label }) => tab(name, t(label)))]} />
}

function ListFilters({ resource, result, query }: PartProps) {
  const filters = Object.entries(result.list.filters ?? {})
  if (filters.length === 0 && !result.list.search) return null
  const labelOf = (name: string, value: string) => t(result.choices[name]?.find(choice => choice.value === value)?.label ?? value)
  const hidden = Object.fromEntries(['view', 'sort', 'size'].flatMap(name => (query.has(name) ? [[name, query.get(name) ?? '']] : [])))
  return (
    <Filters
      label={t(resource.labelPlural)}
      {...(result.list.search && { search: { label: t(result.list.searchHint ?? 'Search'), value: result.search } })}
      chips={Object.entries(result.filters).map(([name, value]) => ({
        label: t('{{label}}: {{text}}', { label: t(result.list.filters?.[name]?.label ?? name), text: labelOf(name, value) }),
        removeHref: withQuery(query, { [name]: undefined }),
      }))}
      hidden={hidden}
    >
      {filters.length > 0 &&
        filters.map(([name, filter]) => (
          <Field
            name={name}
            id={`filter-${name}`}
            label={t(filter.label)}
            kind="select"
            value={result.filters[name] ?? ''}
            options={[
              { value: '', label: t('Any') },
              ...(result.choices[name] ?? [])
                .filter(choice => choice.value !== '')
                .map(choice => ({ value: choice.value, label: t(choice.label) })),
            ]}
          />
        ))}
    </Filters>
  )
}

function Rows({ resource, result, query }: PartProps) {
  const path = sitePath(`/admin/${resource.plural}`)
  if (result.rows.length === 0) {
    return (
      <div id="rows">
        <NothingMatches clearHref={path} />
      </div>
    )
  }
  const sorted = result.list.columns.find(({ key }) => key === result.sort.key)
  const bulk = resource.bulk?.(result.view)
  const table = (
    <Table<Row>
      caption={t('{{kinds}}, sorted by {{column}}', { kinds: t(resource.labelPlural), column: t(sorted?.label ?? 'Id') })}
      columns={result.list.columns.map((column, index) => columnOf(column, index === 0 ? result.list.sub : undefined))}
      rows={result.rows}
      rowHref={row => `${path}/${row.id}`}
      sort={result.sort}
      query={query}
      {...(bulk && { choose: { value: row => row.id, label: row => t('Choose {{name}}', { name: resource.describe(row) }) } })}
    />
  )
  return (
    <div id="rows" class="stack">
      {bulk ? (
        <Bulk action={sitePath(bulk.path)} actions={bulk.actions.map(({ value, label }) => ({ value, label: t(label) }))}>
          {table}
        </Bulk>
      ) : (
        <section class="card" aria-label={t(resource.labelPlural)}>
          {table}
        </section>
      )}
      <Pager page={result.page} pageSize={result.size} total={result.total} query={query} />
      {result.total > Math.min(...pageSizes) && (
        <nav class="small quiet end" aria-label={t('Rows on a page')}>
          {t('Rows on a page:')}{' '}
          {[...pageSizes]
            .sort((a, b) => a - b)
            .map(size => (
              <>
                <a
                  href={withQuery(query, { size: size === pageSizes[0] ? undefined : size })}
                  aria-current={size === result.size ? 'true' : undefined}
                >
                  {size}
                </a>{' '}
              </>
            ))}
        </nav>
      )}
    </div>
  )
}

function columnOf(column: ListColumn, sub: ((row: Row) => Content) | undefined): Column<Row> {
  return {
    key: column.key,
    label: t(column.label),
    sort: isSortable(column),
    align: column.align,
    ...(column.wide && { wide: true }),
    render: row => cell(column, row),
    ...(sub && { sub }),
  }
}

function cell(column: ListColumn, row: Row): Content {
  const value = row[column.key]
  return column.render ? column.render(value, row) : plainCell(value)
}

/** A value that says nothing about how it wants to be shown. */
export function plainCell(value: unknown): Content {
  if (value === null || value === undefined || value === '') return <span class="quiet">–</span>
  if (typeof value === 'boolean') return value ? t('Yes') : t('No')
  const text = String(value)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? formatDate(text, 'table') : text
}

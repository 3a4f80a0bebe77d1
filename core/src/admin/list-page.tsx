import { t } from '../app/i18n.ts'
import type { AnyResource, ListColumn, Row } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import {
  Bulk,
  ButtonLink,
  type Column,
  type Content,
  Empty,
  formatDate,
  NothingMatches,
  Page,
  Pager,
  sitePath,
  Table,
  withQuery,
} from '../ui/index.ts'
import { isSortable, type ListResult } from './list.ts'
import { bulkOf, ListActions } from './list-actions.tsx'
import { queryOf } from './list-address.ts'
import { ListFilters } from './list-filters.tsx'
import { writeKey } from './list-key.ts'
import { pageSizes } from './list-query.ts'
import { ViewTabs } from './list-tabs.tsx'
import { ListTools } from './list-tools.tsx'
import type { ListPreference, SavedView } from './saved-view.ts'
import { can } from './write.ts'

/** The generic list page: views as tabs, live search, filters as chips, sorting, pages. */
export function ListPage({ resource, result, preference, saved }: ListPageProps) {
  const path = sitePath(`/admin/${resource.plural}`)
  const query = queryOf(result)
  if (saved) query.set('saved', String(saved.id))
  const add = can(resource, 'add', currentScope().actor) && (
    <ButtonLink href={`${path}/new`} kind="primary" icon="plus">
      {t(resource.labelNew ?? 'Add')}
    </ButtonLink>
  )
  const none = (result.counts[''] ?? 0) === 0
  return (
    <Page title={t(resource.labelPlural)} actions={!none && add}>
      {none ? (
        <>
          <Empty title={t('{{kinds}}: none yet', { kinds: t(resource.labelPlural) })} icon={resource.icon ?? 'package'} actions={add}>
            {resource.empty && t(resource.empty)}
          </Empty>
          <ListActions resource={resource} result={result} query={query} />
        </>
      ) : (
        <>
          <ViewTabs resource={resource} result={result} query={query} preference={preference} saved={saved} />
          <div class="list-head">
            <ListFilters resource={resource} result={result} query={query} />
            <ListTools resource={resource} result={result} query={query} preference={preference} saved={saved} />
          </div>
          <Rows resource={resource} result={result} query={query} />
          <ListActions resource={resource} result={result} query={query} />
        </>
      )}
    </Page>
  )
}

interface ListPageProps {
  readonly resource: AnyResource
  readonly result: ListResult
  readonly preference: ListPreference
  /** The saved view that is shown, as it is or changed. */
  readonly saved?: SavedView | undefined
}

interface PartProps {
  readonly resource: AnyResource
  readonly result: ListResult
  readonly query: URLSearchParams
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
  const bulk = bulkOf(resource, result)
  const table = (
    <Table<Row>
      caption={t('{{kinds}}, sorted by {{column}}', { kinds: t(resource.labelPlural), column: t(sorted?.label ?? 'Id') })}
      columns={columnsOf(result)}
      rows={result.rows}
      rowHref={row => `${path}/${row.id}`}
      sort={result.sort}
      query={query}
      {...(bulk && { choose: { value: row => row.id, label: row => t('Choose {{name}}', { name: nameOf(row, result) }) } })}
    />
  )
  return (
    <div id="rows" class="stack">
      {bulk ? (
        <Bulk action={sitePath(bulk.path)} actions={bulk.actions.map(({ value, label }) => ({ value, label: t(label) }))} all={bulk.all}>
          {table}
        </Bulk>
      ) : (
        <section class="card" aria-label={t(resource.labelPlural)}>
          {table}
        </section>
      )}
      <Pager page={result.page} pageSize={result.size} total={result.total} more={result.more} query={query} {...stepsOf(result, query)} />
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

/** To the pages beside this one, by the rows that they begin or end at. */
function stepsOf({ page, size, total, more, rows, first, last }: ListResult, query: URLSearchParams) {
  const goesOn = more ? rows.length === size : page * size < total
  return {
    previous: page > 2 && first ? withQuery(query, { page: page - 1, before: writeKey(first) }) : undefined,
    next: goesOn && last ? withQuery(query, { page: page + 1, after: writeKey(last) }) : undefined,
  }
}

/** As many columns as a phone shows. */
const onPhone = 3

function columnsOf({ columns, list }: ListResult): Column<Row>[] {
  const narrow = columns.filter(column => !column.wide).slice(0, onPhone)
  return columns.map((column, index) => ({
    ...columnOf(column, index === 0 ? list.sub : undefined),
    ...(!narrow.includes(column) && { wide: true }),
  }))
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

/** What its first column says: a row of a list has not all that the object's own name is made of. */
const nameOf = (row: Row, { list }: ListResult): string => String(row[list.columns[0]?.key ?? ''] ?? `#${row.id}`)

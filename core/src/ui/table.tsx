import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { type Content, classes, withQuery } from './html.ts'
import { Icon } from './icon.tsx'

/** One column. The first one of a table names the row. */
export interface Column<Row> {
  readonly key: string
  readonly label: string
  /** The header is a link that sorts by `key`. */
  readonly sort?: boolean
  readonly align?: 'end' | 'num' | 'money' | 'addr' | undefined
  /** Hidden on a phone, which keeps at most three columns. */
  readonly wide?: boolean
  /** The label is for screen readers only. */
  readonly unlabelled?: boolean
  readonly render: (row: Row) => Content
  /** A quiet second line. */
  readonly sub?: (row: Row) => Content
  /** A quiet line shown on a phone only, for what its columns leave out. */
  readonly narrow?: (row: Row) => Content
}

/** How rows are ordered now. */
export interface Sort {
  readonly key: string
  readonly descending?: boolean
}

/** Checkboxes at the start of rows, for a form around the table. */
export interface Choosing<Row> {
  readonly name?: string
  readonly value: (row: Row) => string | number
  readonly label: (row: Row) => string
  readonly chosen?: (row: Row) => boolean
}

interface TableProps<Row> {
  /** Read by screen readers: what these rows are and how they are sorted. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowHref?: ((row: Row) => string | undefined) | undefined
  readonly rowId?: (row: Row) => string
  readonly sort?: Sort | undefined
  /** The query kept by the links that sort; the page's own unless given. */
  readonly query?: string | URLSearchParams | undefined
  readonly choose?: Choosing<Row> | undefined
  /** Shown instead of a table without rows. */
  readonly empty?: Content
  /** `tr`s that add up. */
  readonly foot?: Content
  readonly top?: boolean
}

/** A real table: sortable headers are links, rows are named by a header, a phone sees at most three columns. */
export function Table<Row>(props: TableProps<Row>) {
  const { columns, rows, choose } = props
  if (rows.length === 0 && props.empty) return <>{props.empty}</>
  return (
    <table class={classes('table', props.top && 'top')}>
      <caption class="visually-hidden">{props.caption}</caption>
      <thead>
        <tr>
          {choose && (
            <th scope="col">
              <span class="visually-hidden">{t('Choose')}</span>
            </th>
          )}
          {columns.map(column => (
            <Header column={column} sort={props.sort} query={props.query ?? currentScope().query} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr id={props.rowId?.(row)}>
            {choose && (
              <td>
                <input
                  class="form-check-input m-0"
                  type="checkbox"
                  name={choose.name ?? 'id'}
                  value={String(choose.value(row))}
                  aria-label={choose.label(row)}
                  checked={choose.chosen?.(row) ?? false}
                />
              </td>
            )}
            {columns.map((column, index) => (
              <Cell column={column} row={row} first={index === 0} href={index === 0 ? props.rowHref?.(row) : undefined} />
            ))}
          </tr>
        ))}
      </tbody>
      {props.foot && <tfoot>{props.foot}</tfoot>}
    </table>
  )
}

function Header<Row>({
  column,
  sort,
  query,
}: {
  column: Column<Row>
  sort: Sort | undefined
  query: string | URLSearchParams | undefined
}) {
  const label = column.unlabelled ? <span class="visually-hidden">{column.label}</span> : column.label
  const sorted = sort?.key === column.key
  const order = sorted ? (sort.descending ? 'descending' : 'ascending') : undefined
  const next = sorted && !sort.descending ? `-${column.key}` : column.key
  return (
    <th scope="col" class={cellClass(column)} aria-sort={order}>
      {column.sort ? (
        <a href={withQuery(query, { sort: next, page: undefined })}>
          {label}
          {order && <Icon name={order === 'descending' ? 'chevron-down' : 'chevron-up'} />}
        </a>
      ) : (
        label
      )}
    </th>
  )
}

function Cell<Row>({ column, row, first, href }: { column: Column<Row>; row: Row; first: boolean; href: string | undefined }) {
  const value = column.render(row)
  const sub = column.sub?.(row)
  const narrow = column.narrow?.(row)
  const inside = (
    <>
      {href ? <a href={href}>{value}</a> : value}
      {(present(sub) || present(narrow)) && (
        <span class="sub">
          {sub}
          {present(narrow) && <span class="narrow">{narrow}</span>}
        </span>
      )}
    </>
  )
  return first ? (
    <th scope="row" class={cellClass(column)}>
      {inside}
    </th>
  ) : (
    <td class={cellClass(column)}>{inside}</td>
  )
}

const present = (content: Content) => content !== undefined && content !== null && content !== false && content !== ''

const cellClass = <Row,>(column: Column<Row>) => classes(column.wide && 'wide', column.align)

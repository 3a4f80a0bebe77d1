import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { type Content, classes, withQuery } from './html.ts'
import { Icon } from './icon.tsx'
import { escaped, html, joined, type Piece, piece } from './quick.ts'

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
      <tbody>{html(...rows.map(row => tableRow(props, row)))}</tbody>
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

/** Rows are put together from text: they are most of a page. */
function tableRow<Row>({ columns, choose, rowHref, rowId }: TableProps<Row>, row: Row): Piece {
  const id = rowId?.(row)
  return joined([
    id === undefined ? '<tr>' : `<tr id="${escaped(id)}">`,
    ...(choose ? [chooser(choose, row)] : []),
    ...columns.map((column, index) => cell(column, row, index === 0, index === 0 ? rowHref?.(row) : undefined)),
    '</tr>',
  ])
}

function chooser<Row>({ name = 'id', value, label, chosen }: Choosing<Row>, row: Row): string {
  const checked = chosen?.(row) ? ' checked=""' : ''
  return `<td><input class="form-check-input m-0" type="checkbox" name="${escaped(name)}" value="${escaped(String(value(row)))}" aria-label="${escaped(label(row))}"${checked}/></td>`
}

function cell<Row>(column: Column<Row>, row: Row, first: boolean, href: string | undefined): Piece {
  const classNames = cellClass(column)
  const attributes = classNames === undefined ? '' : ` class="${escaped(classNames)}"`
  const [open, close] = first ? [`<th scope="row"${attributes}>`, '</th>'] : [`<td${attributes}>`, '</td>']
  const value = piece(column.render(row))
  const linked = href === undefined ? [value] : [`<a href="${escaped(href)}">`, value, '</a>']
  return joined([open, ...linked, ...below(column.sub?.(row), column.narrow?.(row)), close])
}

function below(sub: Content, narrow: Content): Piece[] {
  if (!present(sub) && !present(narrow)) return []
  return ['<span class="sub">', piece(sub), ...(present(narrow) ? ['<span class="narrow">', piece(narrow), '</span>'] : []), '</span>']
}

const present = (content: Content) => content !== undefined && content !== null && content !== false && content !== ''

const cellClass = <Row,>(column: Column<Row>) => classes(column.wide && 'wide', column.align)

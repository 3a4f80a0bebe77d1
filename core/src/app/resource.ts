import { type Column, getTableName, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type * as z from 'zod'
import type { Tx } from '../db/database.ts'
import type { Html } from './html.ts'
import type { MenuSection } from './menu.ts'
import type { Registry } from './registry.ts'
import type { Actor, Within } from './scope.ts'

export type FieldKind =
  | 'text'
  | 'textarea'
  | 'email'
  | 'date'
  | 'datetime'
  | 'integer'
  | 'decimal'
  | 'money'
  | 'boolean'
  | 'choice'
  | 'reference'
  | 'address'
  | 'prefix'

export interface Choice {
  readonly value: string
  readonly label: string
  readonly help?: string
}

/** One field, said once: its label, help, check and secrecy serve every form, list, command, import and history. */
export interface Field<V = unknown> {
  readonly label: string
  readonly help?: string
  /** Derived from the column unless given. */
  readonly kind?: FieldKind
  /** Derived from the column unless given: not null and without a default. */
  readonly required?: boolean
  readonly check?: z.ZodType<V>
  /** Never shown, never in the history, never in a log. */
  readonly secret?: boolean
  readonly choices?: readonly Choice[] | ((tx: Tx) => Promise<readonly Choice[]>)
  /** The name of the resource whose row it holds the id of. */
  readonly reference?: string
  /** Behind the input: `€`, `months`. */
  readonly unit?: string
  /** Several values, kept as an array: boxes to tick in a form, `a, b` for a command. */
  readonly many?: boolean
  /** Draws it instead of the usual control: label, inputs of the field's name, and what is wrong. */
  control?(props: ControlProps): Html | Promise<Html>
  /** The column it is kept in, when that is not in the resource's table under the field's name. */
  readonly column?: Column | undefined
  /** What a cell of an imported file means, as one would type it in the form: for what other programs call otherwise. Throws `invalid` for what means nothing. */
  fromFile?(text: string): string
  /** What an export writes instead of the value; `fromFile` understands it. */
  toFile?(value: unknown, row: Row): string | number | boolean | null
}

/** What a field's own `control` draws. */
export interface ControlProps {
  readonly name: string
  readonly label: string
  readonly help: string | undefined
  /** Stored, or typed when a form comes back. */
  readonly values: readonly string[]
  readonly choices: readonly Choice[]
  readonly error: string | undefined
}

export type Input = Readonly<Record<string, unknown>>
export type Row = Readonly<Record<string, unknown>> & { readonly id: number }

export interface ListColumn {
  readonly key: string
  readonly label: string
  /** What is selected, and sorted by. */
  readonly sql: SQL
  readonly sortable?: boolean
  readonly align?: 'end'
  /** Hidden on a phone. */
  readonly wide?: boolean
  /** Worked out for the rows of the page only: may be costly, cannot be sorted by. */
  readonly late?: boolean
  /** Not shown until somebody chooses it. */
  readonly optional?: boolean
  render?(value: unknown, row: Row): Html | string
}
/** One of some values. */
export interface ChoiceFilter {
  readonly kind?: 'choice'
  readonly label: string
  readonly choices: readonly Choice[] | ((tx: Tx) => Promise<readonly Choice[]>)
  where(value: string): SQL
}
/** From, to, or between: `<name>_from` and `<name>_to` in the address. Both ends belong to it. */
export interface RangeFilter {
  readonly kind: 'date' | 'number' | 'money'
  readonly label: string
  /** What is compared. */
  readonly sql: SQL
}
/** A part of a text; `term` is escaped for LIKE, so that it stands for itself. */
export interface TextFilter {
  readonly kind: 'text'
  readonly label: string
  where(term: string): SQL
}
/** True or not. */
export interface YesNoFilter {
  readonly kind: 'boolean'
  readonly label: string
  readonly where: SQL
}
/** One row of another resource, looked up while one types. */
export interface ReferenceFilter {
  readonly kind: 'reference'
  readonly label: string
  /** The name of that resource. */
  readonly reference: string
  where(id: number): SQL
}
export type Filter = ChoiceFilter | RangeFilter | TextFilter | YesNoFilter | ReferenceFilter
export interface ResourceList {
  /** After FROM; the table has its own name as alias. */
  readonly from: SQL
  /** The first names the row and links to it. A row may select more than it shows: `hidden`. */
  readonly columns: readonly ListColumn[]
  readonly hidden?: Readonly<Record<string, SQL>>
  /** A second line under the name. */
  sub?(row: Row): Html | string
  /** What matches; `term` is escaped for LIKE, so that it stands for itself. */
  search?(term: string): SQL
  readonly searchHint?: string
  readonly filters?: Readonly<Record<string, Filter>>
  readonly views?: readonly { readonly name: string; readonly label: string; readonly where: SQL }[]
  /** A column's key, with `-` for descending. */
  readonly sort: string
  /** How a row is called among choices; the first column unless given. */
  readonly choice?: SQL
  /** What follows FROM when all rows, or a view's, are counted: the table without the joins that change no count. */
  readonly countFrom?: SQL
  /** Adds what SQL does not know to the rows of a page, all at once. */
  complete?(rows: readonly Row[], tx: Tx): Promise<readonly Row[]>
}

/** What a list does with rows that are chosen: their ids are posted, as `id`, with the `value` as `do`. */
export interface BulkActions {
  /** The path of a view, without the base path. It shows what it would do before it does it. */
  readonly path: string
  readonly actions: readonly { readonly value: string; readonly label: string }[]
}

/** One kind of a resource whose rows are of several kinds. */
export interface Variant {
  readonly name: string
  /** Whose words its labels are in. */
  readonly app: string
  readonly resource: AnyResource
}

/** Rows of another resource that are edited in the form of the row that they belong to. */
export interface Inline {
  /** The name of that resource. */
  readonly resource: string
  /** Its field that holds the id of the row they belong to. */
  readonly field: string
  /** Those of its fields that stand in a line; all of its forms unless given. */
  readonly fields?: readonly string[]
  /** Empty lines for new ones; two unless given. */
  readonly empty?: number
}

/** A kind of object that people list, add, look at, change and remove: in the back office and by the CLI alike. */
export interface ResourceSpec {
  /** Singular, snake_case: `coin <name> …`, permissions `<name>.view|add|change|remove`. */
  readonly name: string
  /** In URLs: `/admin/<plural>`. */
  readonly plural: string
  readonly label: string
  readonly labelPlural: string
  /** What adding one is called, on buttons and forms: `New member`. */
  readonly labelNew?: string
  readonly icon?: string
  readonly section?: MenuSection
  readonly order?: number
  /** False when the search box leaves its rows out, because something else finds them. */
  readonly inSearch?: false
  /** Left out of the menu: it is reached from another page. */
  readonly offMenu?: boolean
  /** How many rows need a person, shown in the menu when above zero: a scalar query, which is asked together with the others. */
  count?(): Promise<number> | SQL
  /** Shown when there are none: what will be here and why one wants it. */
  readonly empty?: string
  /** Has columns `id` and `version`. */
  readonly table: PgTable
  /** By name: columns of the table (in TypeScript's words), or anything that `create` and `update` understand. */
  readonly fields: Readonly<Record<string, Field>>
  /** The fields of the form that adds one, and of the one that changes one. Empty: cannot be done. */
  readonly add: readonly string[]
  readonly change: readonly string[]
  /** What its forms edit together with it, in one transaction. */
  readonly inlines?: readonly Inline[]
  /** False when rows are never removed by hand. */
  readonly removable?: boolean
  /** Its forms offer to show what a change would do to addresses and backends before it is made. */
  readonly planned?: boolean
  readonly list: ResourceList
  /** What names a row in titles, breadcrumbs and choices. */
  describe(row: Row): string
  /** The row for the form: the table's columns unless given. */
  load?(id: number, tx: Tx): Promise<Row | undefined>
  /** The body of its page; a list of its fields unless given. */
  details?(row: Row, tx: Tx): Html | Promise<Html>
  /** Buttons at the head of its page, before Change and Remove. */
  actions?(row: Row): Html | undefined
  /** The line of states under the name on its page. */
  head?(row: Row): Html | undefined
  /** Links behind the button for more on its page. */
  more?(row: Row): Html | undefined
  /** True for a row that is not changed or removed any more: its page does not offer to. */
  fixed?(row: Row): boolean
  /** What can be done with chosen rows of a view of the list (`''` for all of them). */
  bulk?(view: string): BulkActions | undefined
  /** Inserts and returns the id; a plain insert unless given. */
  create?(input: Input, tx: Tx): Promise<number>
  /** Beside `create`: several in as few statements as it takes, their ids in the same order. Imports add hundreds at once. */
  createMany?(inputs: readonly Input[], tx: Tx): Promise<readonly number[]>
  /** A plain update unless given; the version has been checked and locked. */
  update?(id: number, input: Input, tx: Tx): Promise<void>
  remove?(id: number, tx: Tx): Promise<void>
  /** What removing it would do, in sentences, for the page that asks. */
  consequences?(row: Row, tx: Tx): Promise<readonly string[]>
  /**
   * The fields that name a row for good, together: `['username']`, `['offerId', 'effectiveFrom']`. An import finds by them the rows that
   * it changes; when there is one, exports and imports name by it what refers to a row. Of several such lists a row of a file is looked for
   * by the first of which it gives every field; those after the first need not be unique: what they find twice is refused.
   */
  readonly key?: readonly string[] | readonly (readonly string[])[]
  /** False when rows do not come from files, and are not changed by files either. */
  readonly importable?: boolean
  /** Rows as `load` gives them, all in one statement: exports, imports and bulk changes ask for hundreds. */
  loadMany?(ids: readonly number[], tx: Tx): Promise<readonly Row[]>
  /** Finds by something people type instead of the id: a reference, a username, an address. */
  find?(text: string, tx: Tx): Promise<number | undefined>
  /** Other tables that keep a part of each row under the same id: their history is its history. */
  readonly historyTables?: readonly string[]
  /** The list of one view (`''` for all of them), when the views depend on what is installed. */
  listFor?(view: string, registry: Registry): ResourceList
  /** Rows of several kinds, each with its own fields: adding begins with the choice of one; `coin <kind> …` for each. */
  variants?(registry: Registry): readonly Variant[]
  /** The name of the kind that a row is of. */
  variantOf?(id: number, tx: Tx): Promise<string | undefined>
  /** Which rows this actor may see; all for staff unless given, and none for others. */
  visible?(actor: Actor): SQL
  /** Which rows belong to some offers or groups of members, for staff who are limited to these; they see none unless it is given. */
  within?(part: Within): SQL
}

const brand = Symbol.for('coin.resource')

/** A resource as the registry keeps it. */
export interface AnyResource extends ResourceSpec {
  readonly [brand]: 1
  readonly tableName: string
}
/** The lists of fields by which rows are known, the one that names them for good first. */
export const keysOf = ({ key = [] }: Pick<ResourceSpec, 'key'>): readonly (readonly string[])[] =>
  typeof key[0] === 'string' ? [key as readonly string[]] : (key as readonly (readonly string[])[])

export const isResource = (value: unknown): value is AnyResource => typeof value === 'object' && value !== null && brand in value

/** Declares a resource: the object joins the back office, its menu and the CLI. */
export const defineResource = (spec: ResourceSpec): AnyResource =>
  Object.freeze({ ...spec, [brand]: 1 as const, tableName: getTableName(spec.table) })

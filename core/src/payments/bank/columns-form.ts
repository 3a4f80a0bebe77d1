import type { FieldError } from '../../errors.ts'
import { csvCells } from '../../system/csv-rows.ts'
import { type CsvColumn, type CsvMapping, csvMappingSchema } from '../statement/csv-mapping.ts'
import { decode } from '../statement/decode.ts'

/** Columns that a person may choose, beside day, amount and label. */
export const optionalColumns = [
  'valueOn',
  'counterpartyName',
  'counterpartyIban',
  'endToEndId',
  'reference',
  'mandateId',
  'bankReference',
  'state',
] as const

/** What the form holds, as it is typed. Columns are numbers from 1. */
export type TypedColumns = Readonly<Record<string, string>>

/** The cells of the first lines of a file, and those of its header. */
export interface FirstLines {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The first lines as the form would have them cut. */
export function firstLines(bytes: Uint8Array, typed: TypedColumns): FirstLines {
  const decoded = decode(bytes.subarray(0, 100_000), typed.charset || undefined)
  if (!('text' in decoded)) return { header: [], rows: [] }
  const dialect = { delimiter: delimiters[typed.delimiter ?? ''] ?? ';', quote: '"' as const }
  const skip = Math.min(Number(typed.skipLines) || 0, 200)
  const cells = decoded.text
    .split('\n', skip + 12)
    .slice(skip)
    .filter(line => line.trim() !== '')
    .map(line => csvCells(line, dialect))
  return typed.header === 'true' ? { header: cells[0] ?? [], rows: cells.slice(1, 7) } : { header: [], rows: cells.slice(0, 6) }
}

/** As they are sent: a tab is no visible value. */
const delimiters: Readonly<Record<string, CsvMapping['delimiter']>> = { ';': ';', ',': ',', tab: '\t', '|': '|' }

/** The form of a mapping; empty for none. */
export function typedOf(mapping: CsvMapping | undefined, header: (delimiter: string, skip: number) => readonly string[]): TypedColumns {
  if (!mapping) return { delimiter: ';', decimal: ',', dateFormat: 'dd/mm/yyyy', header: 'true', skipLines: '0' }
  const { delimiter, decimal, dateFormat, skipLines, columns, charset, signInverted, bookedStates } = mapping
  const sent = delimiter === '\t' ? 'tab' : delimiter
  const names = mapping.header ? header(sent, skipLines) : []
  const number = (column: CsvColumn | undefined): string =>
    column === undefined ? '' : typeof column === 'number' ? String(column) : String(names.findIndex(name => same(name, column)) + 1 || '')
  const single = Object.fromEntries(
    [...optionalColumns, 'bookedOn', 'amount', 'direction', 'debit', 'credit', 'fee', 'account', 'currency'].map(field => [
      field,
      number(columns[field as keyof typeof columns] as CsvColumn | undefined),
    ]),
  )
  return {
    ...single,
    delimiter: sent,
    decimal,
    dateFormat,
    skipLines: String(skipLines),
    header: String(mapping.header),
    charset: charset ?? '',
    signInverted: String(signInverted),
    bookedStates: bookedStates.join(', '),
    label1: number(columns.label[0]),
    label2: number(columns.label[1]),
    label3: number(columns.label[2]),
  }
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()

/** The mapping that a form says, or what is wrong with it. Columns with a name of their own are kept by it: files may gain others. */
export function mappingIn(typed: TypedColumns, header: readonly string[]): { mapping: CsvMapping } | { errors: readonly FieldError[] } {
  const column = (field: string): CsvColumn | undefined => {
    const number = Number(typed[field])
    if (!typed[field] || !Number.isInteger(number) || number < 1) return undefined
    const name = header[number - 1]?.trim() ?? ''
    return typed.header === 'true' && name && header.filter(other => same(other, name)).length === 1 ? name : number
  }
  const columns = Object.fromEntries(
    ['bookedOn', 'amount', 'direction', 'debit', 'credit', 'fee', 'account', 'currency', ...optionalColumns]
      .map(field => [field, column(field)] as const)
      .filter(([, value]) => value !== undefined),
  )
  const parsed = csvMappingSchema.safeParse({
    delimiter: delimiters[typed.delimiter ?? ''],
    decimal: typed.decimal,
    dateFormat: typed.dateFormat,
    header: typed.header === 'true',
    skipLines: Number(typed.skipLines) || 0,
    signInverted: typed.signInverted === 'true',
    bookedStates: (typed.bookedStates ?? '')
      .split(',')
      .map(word => word.trim())
      .filter(Boolean),
    ...(typed.charset && { charset: typed.charset }),
    columns: { ...columns, label: ['label1', 'label2', 'label3'].flatMap(field => column(field) ?? []) },
  })
  if (parsed.success) return { mapping: parsed.data }
  return {
    errors: parsed.error.issues.map(({ path, code, message }) => ({
      field: fieldAt(path),
      message: code === 'custom' || path.at(-1) === 'label' ? message : missing,
    })),
  }
}

const missing = 'Choose one of these.'

const fieldAt = (path: readonly PropertyKey[]): string => {
  const last = String(path.findLast(part => typeof part === 'string') ?? '')
  return last === 'label' ? 'label1' : last === 'columns' ? 'bookedOn' : last
}

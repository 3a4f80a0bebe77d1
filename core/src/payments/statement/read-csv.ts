import { csvCells, eachCsvRow, withoutLines } from '../../system/csv-rows.ts'
import { type CsvRow, readCsvRow } from './csv-booking.ts'
import type { CsvField, CsvMapping } from './csv-mapping.ts'
import type { Booking, Reading, StatementProblem } from './statement.ts'
import { validIban } from './texts.ts'

/** Lines among which the header is looked for, when it is not where it was. */
const headerWithin = 200

/**
 * Reads a CSV by its mapping. Rows with neither a date nor an amount (titles, footers) are left out, as are those whose state is not one of
 * the booked ones.
 */
export function readCsv(text: string, mapping: CsvMapping, currency: string): Reading {
  const problems: StatementProblem[] = []
  const { headerLine, header } = findHeader(text, mapping)
  const columns = positions(mapping, header, headerLine, problems)
  if (problems.length > 0) return { accounts: [], problems }
  const firstLine = (mapping.header ? headerLine : mapping.skipLines) + 1
  const needed = neededCells(columns)
  const accounts = new Map<string, Booking[]>()
  const problemOfFile = eachCsvRow(withoutLines(text, firstLine - 1), firstLine, mapping, (cells, line) => {
    if (isLeftOut(cells, columns, mapping)) return
    const row: CsvRow = {
      line,
      cell: field => cells[columns[field]?.[0] ?? -1]?.trim() ?? '',
      labels: (columns.label ?? []).map(index => cells[index]),
      name: field => nameOf(mapping, header, field),
    }
    if (cells.length < needed) {
      problems.push({
        line,
        message: 'This line has {{columns}} columns where {{needed}} are needed: check the delimiter, or export the file again.',
        values: { columns: cells.length, needed },
      })
      return
    }
    const booking = readCsvRow(row, mapping, currency, problems)
    if (!booking) return
    const account = row.cell('account').replace(/\s/g, '')
    const known = accounts.get(account)
    if (known) known.push(booking)
    else accounts.set(account, [booking])
  })
  if (problemOfFile) problems.push(problemOfFile)
  return {
    problems,
    accounts: [...accounts].map(([name, lines]) => {
      const iban = validIban(name)
      return { currency, lines, ...(name && { account: iban ? { iban } : { other: name } }) }
    }),
  }
}

type Positions = Readonly<Partial<Record<CsvField, readonly number[]>>>

/** The line, from 1, with the most of the mapping's headers; where the mapping says if another has no more. */
function findHeader(text: string, mapping: CsvMapping): { headerLine: number; header: readonly string[] } {
  if (!mapping.header) return { headerLine: 0, header: [] }
  const names = new Set(columnsOf(mapping).flatMap(([, column]) => (typeof column === 'string' ? [headerKey(column)] : [])))
  let best = { headerLine: mapping.skipLines + 1, header: [] as readonly string[], count: -1 }
  const lines = text.split('\n', headerWithin)
  for (const index of [mapping.skipLines, ...lines.keys()]) {
    const header = csvCells(lines[index] ?? '', mapping)
    const keys = new Set(header.map(headerKey))
    const count = [...names].filter(name => keys.has(name)).length
    if (count > best.count) best = { headerLine: index + 1, header, count }
    if (count === names.size) break
  }
  return best
}

/** Where each field is; what the header lacks becomes a problem. */
function positions(mapping: CsvMapping, header: readonly string[], line: number, problems: StatementProblem[]): Positions {
  const keys = header.map(headerKey)
  const found: Partial<Record<CsvField, number[]>> = {}
  for (const [field, column] of columnsOf(mapping)) {
    const index = typeof column === 'number' ? column - 1 : keys.indexOf(headerKey(column))
    if (index >= 0) found[field] = [...(found[field] ?? []), index]
    else
      problems.push({
        line,
        field: String(column),
        message: 'There is no column of this name: choose the mapping of this bank, or change it.',
      })
  }
  return found
}

/** What every row must have: the columns without which nothing can be read. */
const neededCells = (columns: Positions): number =>
  Math.max(...(['bookedOn', 'amount', 'debit', 'credit', 'direction'] as const).flatMap(field => columns[field] ?? [])) + 1

function isLeftOut(cells: readonly string[], columns: Positions, { bookedStates }: CsvMapping): boolean {
  const cell = (field: CsvField) => cells[columns[field]?.[0] ?? -1]?.trim() ?? ''
  if (columns.state && cells.length > 1 && !bookedStates.some(state => state.toLowerCase() === cell('state').toLowerCase())) return true
  return (['bookedOn', 'amount', 'debit', 'credit'] as const).every(field => cell(field) === '')
}

const columnsOf = ({ columns }: CsvMapping) =>
  (Object.entries(columns) as [CsvField, CsvMapping['columns'][CsvField]][]).flatMap(([field, column]) =>
    [column ?? []].flat().map(each => [field, each] as const),
  )

/** How a person finds the column: its header, else its number. */
function nameOf(mapping: CsvMapping, header: readonly string[], field: CsvField): string {
  const column = [mapping.columns[field] ?? field].flat()[0] ?? field
  return typeof column === 'number' ? header[column - 1]?.trim() || String(column) : column
}

/** Headers are compared without regard to capitals and spaces. */
export const headerKey = (text: string): string =>
  text
    .replace(/[\s\ufeff]+/g, ' ')
    .trim()
    .toLowerCase()

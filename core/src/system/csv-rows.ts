import { CsvError, parse } from 'csv-parse/sync'

/** How cells are told apart; without a quote every one stands for itself. */
export interface CsvDialect {
  readonly delimiter: string
  readonly quote: string
}

/** What is wrong with a file, and where. */
export interface CsvProblem {
  readonly line: number
  readonly message: string
}

/** More characters than any row of a bank has: a quote that is never closed is seen early. */
const longestRow = 100_000

/** Hands each row to `onRow` with the line where it begins. What is wrong with the quotes ends the reading. */
export function eachCsvRow(
  text: string,
  firstLine: number,
  { delimiter, quote }: CsvDialect,
  onRow: (cells: readonly string[], line: number) => void,
  longest = longestRow,
): CsvProblem | undefined {
  try {
    parse(text, {
      delimiter,
      quote: quote || false,
      relax_quotes: true,
      relax_column_count: true,
      record_delimiter: '\n',
      max_record_size: longest,
      on_record: (cells: string[], { lines }) => {
        onRow(cells, firstLine + lines - 1 - newlinesIn(cells))
        return null
      },
    })
    return undefined
  } catch (error) {
    return problemOf(error, firstLine)
  }
}

/** The cells of one line of a text, none if its quotes do not match. */
export function csvCells(line: string, dialect: CsvDialect): readonly string[] {
  let found: readonly string[] = []
  const problem = eachCsvRow(line, 1, dialect, cells => {
    found = cells
  })
  return problem ? [] : found
}

/** The rest of a text after some lines. */
export function withoutLines(text: string, count: number): string {
  let from = 0
  for (let skipped = 0; skipped < count; skipped++) {
    const end = text.indexOf('\n', from)
    if (end < 0) return ''
    from = end + 1
  }
  return text.slice(from)
}

const newlinesIn = (cells: readonly string[]): number =>
  cells.reduce((count, cell) => count + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0)

function problemOf(error: unknown, firstLine: number): CsvProblem {
  if (!(error instanceof CsvError)) throw error
  const lines = 'lines' in error && typeof error.lines === 'number' ? error.lines : 1
  const line = firstLine + lines - 1
  if (error.code === 'CSV_MAX_RECORD_SIZE') return { line, message: 'This line is far too long: a quote may be missing before it.' }
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return { line, message: 'A quote is opened and never closed: the file is cut or damaged. Export it again.' }
  return { line, message: 'A quote is in the wrong place: check the delimiter and the quote of the mapping.' }
}

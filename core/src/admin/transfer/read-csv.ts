import { invalid } from '../../errors.ts'
import { withoutGuard } from '../../system/csv-cell.ts'
import { csvCells, eachCsvRow } from '../../system/csv-rows.ts'
import { charsetOf, decodeAs } from '../../system/text.ts'
import { checkSize, type FileRow, isBlank, type Sheet } from './sheet.ts'

const delimiters = [';', ',', '\t', '|']
/** More characters than a row of ours has: keys and comments are long. */
const longestRow = 2_000_000

/** The table in a CSV: charset and delimiter are found out, the first line that is not empty has the headings. */
export function readCsvSheet(bytes: Uint8Array): Sheet {
  const text = decodeAs(bytes, charsetOf(bytes))?.replace(/\r\n?/g, '\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no text holds
  if (text === undefined || /[\x00-\x08\x0e-\x1a]/.test(text.slice(0, 100_000)))
    throw invalid('file', 'This is not a text file: save it as CSV, XLSX or JSON.')
  if (/^\s*(<!doctype html|<html)/i.test(text)) throw invalid('file', 'This is a web page: save the table itself as CSV, XLSX or JSON.')
  const dialect = { delimiter: delimiterOf(text), quote: '"' }
  let headings: readonly string[] | undefined
  const rows: FileRow[] = []
  const problem = eachCsvRow(
    text,
    1,
    dialect,
    (cells, line) => {
      if (isBlank(cells)) return
      if (headings) rows.push({ line, cells: cells.map(withoutGuard) })
      else headings = cells
      checkSize(rows.length, cells.length)
    },
    longestRow,
  )
  if (problem)
    throw invalid('file', 'Line {{line}}: a quote is opened and never closed, or stands in the wrong place. Save the file again.', {
      line: problem.line,
    })
  return { name: '', headings: headings ?? [], rows }
}

/** What stands most often between the headings. */
function delimiterOf(text: string): string {
  const line = text.split('\n', 50).find(each => each.trim() !== '') ?? ''
  const counted = delimiters.map(delimiter => ({ delimiter, count: csvCells(line, { delimiter, quote: '"' }).length }))
  return counted.reduce((best, each) => (each.count > best.count ? each : best)).delimiter
}

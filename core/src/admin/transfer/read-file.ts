import { invalid } from '../../errors.ts'
import { readCsvSheet } from './read-csv.ts'
import { readJsonSheets } from './read-json.ts'
import { readXlsxSheets } from './read-xlsx.ts'
import { checkSize, isBlank, type Sheet } from './sheet.ts'

/** What may be uploaded at most, in bytes. */
export const largestFile = 32 * 1024 * 1024

/** The tables in a file: CSV, XLSX or JSON, found out from what is in it. Throws `invalid` for `file`. */
export async function readSheets(bytes: Buffer): Promise<readonly Sheet[]> {
  if (bytes.length === 0) throw invalid('file', 'The file is empty.')
  if (bytes.length > largestFile)
    throw invalid('file', 'The file is larger than {{megabytes}} MB: split it.', { megabytes: largestFile / 1024 / 1024 })
  const sheets = (await readAny(bytes)).filter(({ headings }) => !isBlank(headings))
  const rows = sheets.reduce((sum, sheet) => sum + sheet.rows.length, 0)
  if (rows === 0) throw invalid('file', 'The file has no rows: the first line names the columns, the rows come below.')
  checkSize(rows, Math.max(...sheets.map(({ headings }) => headings.length)))
  return sheets
}

async function readAny(bytes: Buffer): Promise<readonly Sheet[]> {
  const start = bytes.subarray(0, 8).toString('latin1')
  if (start.startsWith('PK')) return readXlsxSheets(bytes)
  if (start.startsWith('\xd0\xcf\x11\xe0')) throw invalid('file', 'This is a spreadsheet of the old kind: save it as XLSX or as CSV.')
  if (start.startsWith('%PDF')) throw invalid('file', 'This is a PDF: save the table as CSV, XLSX or JSON.')
  if (/^(\ufeff|\xef\xbb\xbf)?\s*[[{]/.test(bytes.subarray(0, 200).toString('latin1'))) return readJsonSheets(bytes)
  return [readCsvSheet(bytes)]
}

import readXlsxFile, { type CellValue } from 'read-excel-file/node'
import { invalid } from '../../errors.ts'
import { checkZip } from './check-zip.ts'
import { isBlank, type Sheet } from './sheet.ts'

/** The tables in a spreadsheet, one for each sheet: the first row that is not empty has the headings. */
export async function readXlsxSheets(bytes: Buffer): Promise<Sheet[]> {
  checkZip(bytes)
  const sheets = await readXlsxFile<string>(bytes, { parseNumber: text => text, trim: false }).catch(() => {
    throw invalid('file', 'This spreadsheet cannot be read: save it as XLSX or as CSV.')
  })
  return sheets.map(({ sheet, data }) => {
    const rows = data.map((cells, index) => ({ line: index + 1, cells: cells.map(textOf) }))
    const filled = rows.filter(({ cells }) => !isBlank(cells))
    const [first, ...rest] = filled
    return { name: sheet, headings: first?.cells ?? [], rows: rest }
  })
}

/** A day is a day, a moment a moment, and a number what it was written as. */
function textOf(value: CellValue<string> | null): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) {
    const text = value.toISOString()
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text
  }
  return plainNumber(String(value))
}

/** Spreadsheets write 1e21 and 0.30000000000000004 where people typed something else. */
function plainNumber(text: string): string {
  if (!/^-?\d+\.\d{13,}$|^-?\d+(\.\d+)?E[+-]?\d+$/i.test(text)) return text
  return String(Number(Number(text).toPrecision(14)))
}

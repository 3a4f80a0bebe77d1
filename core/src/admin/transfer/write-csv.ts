import { csvCell } from '../../system/csv-cell.ts'
import type { Cell } from './values.ts'

/** A table as CSV (RFC 4180), piece by piece. The mark at the start has spreadsheets read it as UTF-8. */
export async function* writeCsv(headers: readonly string[], batches: AsyncIterable<readonly (readonly Cell[])[]>, mark = true) {
  yield `${mark ? '\ufeff' : ''}${line(headers)}`
  for await (const rows of batches) yield rows.map(line).join('')
}

const line = (cells: readonly Cell[]) => `${cells.map(cell => csvCell(cell)).join(',')}\r\n`

import type { Cell } from './values.ts'
import { writeCsv } from './write-csv.ts'
import { writeJson } from './write-json.ts'
import { writeXlsx } from './write-xlsx.ts'

/** What a file of rows may be. */
export const formats = ['csv', 'xlsx', 'json'] as const
export type Format = (typeof formats)[number]

/** The format of that name. */
export const formatNamed = (text: string | undefined): Format | undefined => formats.find(format => format === text)

/** What each is called, which is the same in every language. */
export const formatLabels: Readonly<Record<Format, string>> = { csv: 'CSV', xlsx: 'XLSX', json: 'JSON' }

export const mediaTypes: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json; charset=utf-8',
}

/** A table, in batches of rows as they are read. */
export interface TableSource {
  readonly name: string
  readonly headers: readonly string[]
  readonly batches: AsyncIterable<readonly (readonly Cell[])[]>
}

/** A table as a file of that format, piece by piece. */
export function writeTable(format: Format, { name, headers, batches }: TableSource, { mark = true } = {}): AsyncGenerator<string | Buffer> {
  if (format === 'xlsx') return writeXlsx(name, headers, batches)
  return format === 'json' ? writeJson(headers, batches) : writeCsv(headers, batches, mark)
}

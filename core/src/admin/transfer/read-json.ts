import { invalid } from '../../errors.ts'
import { charsetOf, decodeAs } from '../../system/text.ts'
import { checkSize, type Sheet } from './sheet.ts'

/** The tables in a JSON file: a list of objects, or such a list for each kind: `{"member": [...], "subscription": [...]}`. */
export function readJsonSheets(bytes: Uint8Array): Sheet[] {
  const value = parse(decodeAs(bytes, charsetOf(bytes)) ?? '')
  if (Array.isArray(value)) return [sheetOf('', value)]
  if (typeof value !== 'object' || value === null) throw shape()
  return Object.entries(value).map(([name, rows]) => {
    if (!Array.isArray(rows)) throw shape()
    return sheetOf(name, rows)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid('file', 'This JSON cannot be read: {{reason}}.', { reason: error instanceof Error ? error.message : '' })
  }
}

const shape = () => invalid('file', 'Give a list of objects, or a list for each kind: {"member": [{…}]}.')

/** Rows have no lines: they are counted from 1. */
function sheetOf(name: string, rows: readonly unknown[]): Sheet {
  const records = rows.map(row => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw shape()
    return row as Readonly<Record<string, unknown>>
  })
  const known = new Set<string>()
  checkSize(records.length, 0)
  for (const record of records) {
    for (const heading of Object.keys(record)) known.add(heading)
    checkSize(records.length, known.size)
  }
  const headings = [...known]
  return {
    name,
    headings,
    rows: records.map((record, index) => ({ line: index + 1, cells: headings.map(heading => textOf(record, heading)) })),
  }
}

function textOf(record: Readonly<Record<string, unknown>>, heading: string): string | undefined {
  if (!Object.hasOwn(record, heading)) return undefined
  const value = record[heading]
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

import { parse } from 'csv-parse/sync'
import { fecColumns } from './fec.ts'

export type FecLine = Record<(typeof fecColumns)[number], string>

/** Reads a FEC as another program would, and notes every rule that it breaks. Written from the article, not from what writes the file. */
export function readFec(text: string, { separator = '\t', first = 1 } = {}): { lines: readonly FecLine[]; broken: readonly string[] } {
  const rows: string[][] = parse(text, { delimiter: separator, quote: null, relax_column_count: false })
  const [head = [], ...body] = rows
  const broken = head.join() === fecColumns.join() ? [] : [`the columns are ${head.join()}`]
  const lines = body.map(cells => Object.fromEntries(fecColumns.map((name, index) => [name, cells[index] ?? ''])) as FecLine)
  for (const [index, line] of lines.entries()) broken.push(...brokenBy(line).map(what => `line ${index + 2}: ${what}`))

  const numbers = [...new Set(lines.map(({ EcritureNum }) => Number(EcritureNum)))]
  if (numbers.some((number, index) => number !== first + index)) broken.push('numbers are not continuous')
  if (lines.some(({ EcritureDate }, index) => EcritureDate < (lines[index - 1]?.EcritureDate ?? '')))
    broken.push('entries are not in the order of days')
  for (const [number, own] of Map.groupBy(lines, ({ EcritureNum }) => EcritureNum)) {
    if (sum(own, 'Debit') !== sum(own, 'Credit')) broken.push(`entry ${number} does not balance`)
    for (const same of ['JournalCode', 'EcritureDate', 'PieceRef', 'PieceDate', 'EcritureLib', 'ValidDate'] as const)
      if (new Set(own.map(line => line[same])).size > 1) broken.push(`entry ${number} has several of ${same}`)
    const places = own.map(line => lines.indexOf(line))
    if (Math.max(...places) - Math.min(...places) >= own.length) broken.push(`entry ${number} is torn apart`)
  }
  for (const [name, own] of Map.groupBy(lines, ({ CompteNum }) => CompteNum))
    if (new Set(own.map(({ CompteLib }) => CompteLib)).size > 1) broken.push(`account ${name} has several names`)
  for (const [name, own] of Map.groupBy(lines, ({ JournalCode }) => JournalCode))
    if (new Set(own.map(({ JournalLib }) => JournalLib)).size > 1) broken.push(`journal ${name} has several names`)
  return { lines, broken }
}

function brokenBy(line: FecLine): readonly string[] {
  const found: string[] = []
  for (const name of [
    'JournalCode',
    'JournalLib',
    'EcritureNum',
    'EcritureDate',
    'CompteNum',
    'CompteLib',
    'PieceRef',
    'PieceDate',
    'EcritureLib',
    'ValidDate',
  ] as const)
    if (line[name].trim() === '') found.push(`${name} is empty`)
  for (const name of ['EcritureDate', 'PieceDate', 'ValidDate'] as const)
    if (!isDay(line[name])) found.push(`${name} is no date: ${line[name]}`)
  if (line.DateLet !== '' && !isDay(line.DateLet)) found.push('DateLet is no date')
  if ((line.EcritureLet === '') !== (line.DateLet === '')) found.push('letters without their date, or a date without letters')
  if (line.ValidDate < line.EcritureDate) found.push('valid before it was written')
  if (!/^\d{3}/.test(line.CompteNum)) found.push('the account does not begin with three digits')
  if ((line.CompAuxNum === '') !== (line.CompAuxLib === '')) found.push('half an auxiliary account')
  if (line.CompteNum.startsWith('411') && line.CompAuxNum === '') found.push('a member without auxiliary account')
  for (const name of ['Debit', 'Credit'] as const) if (!/^\d+,\d\d$/.test(line[name])) found.push(`${name} is no amount: ${line[name]}`)
  if ((centsOf(line.Debit) === 0) === (centsOf(line.Credit) === 0)) found.push('neither a debit nor a credit')
  return found
}

const isDay = (text: string) =>
  /^\d{8}$/.test(text) && !Number.isNaN(Date.parse(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}T00:00:00Z`))

export const centsOf = (text: string): number => Number(text.replace(',', ''))
export const sum = (lines: readonly FecLine[], name: 'Debit' | 'Credit'): number =>
  lines.reduce((total, line) => total + centsOf(line[name]), 0)
/** Debits less credits, in cents. */
export const balance = (lines: readonly FecLine[]): number => sum(lines, 'Debit') - sum(lines, 'Credit')

import { type CsvDialect, csvCells, eachCsvRow, withoutLines } from '../../system/csv-rows.ts'
import { plainHeader } from '../../system/text.ts'
import { type DecimalMark, readAmount } from './amounts.ts'
import { bookedPattern, headerPatterns, labelPattern } from './csv-headers.ts'
import { type CsvColumn, type CsvField, type CsvMapping, csvMappingSchema } from './csv-mapping.ts'
import { type DateFormat, dateFormats, readDate } from './dates.ts'
import { decode } from './decode.ts'

/** A mapping for a CSV, from the words of its header or the shapes of its values; undefined if neither tells. A person should confirm it. */
export function guessMapping(bytes: Uint8Array): CsvMapping | undefined {
  const decoded = decode(bytes)
  return 'text' in decoded ? guessMappingOf(decoded.text) : undefined
}

/** The same for a text that is decoded. */
export function guessMappingOf(text: string): CsvMapping | undefined {
  const start = text.slice(0, 200_000)
  return guessByHeader(start) ?? guessByShapes(start)
}

const dialects: readonly CsvDialect[] = ([';', ',', '\t', '|'] as const).map(delimiter => ({ delimiter, quote: '"' }))
const linesToTry = 60
const rowsToTry = 300

function guessByHeader(text: string): CsvMapping | undefined {
  for (const [index, line] of text.split('\n', linesToTry).entries()) {
    for (const dialect of dialects) {
      const header = csvCells(line, dialect)
      const found = fieldsOf(header.map(plainHeader))
      if (found.bookedOn === undefined || (found.amount === undefined && (found.debit === undefined || found.credit === undefined)))
        continue
      const rows = sample(withoutLines(text, index + 1), dialect)
      const mapping = complete(found, header, rows, { ...dialect, skipLines: index, header: true })
      if (mapping) return mapping
    }
  }
  return undefined
}

type Fields = Partial<Record<CsvField, number>>

/** Which column is which field, each used once; two columns of debit and credit are preferred to one without a sign. */
function fieldsOf(header: readonly string[]): Fields {
  const found: Fields = {}
  const taken = new Set<number>()
  for (const [field, patterns] of headerPatterns) {
    const index = patterns.map(pattern => header.findIndex((name, at) => !taken.has(at) && pattern.test(name))).find(at => at >= 0)
    if (index === undefined) continue
    found[field] = index
    taken.add(index)
  }
  return found
}

/** The mapping, if the values of the columns are what their headers say. */
function complete(
  found: Fields,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  form: CsvDialect & { skipLines: number; header: boolean },
): CsvMapping | undefined {
  const values = (index: number | undefined) => (index === undefined ? [] : rows.map(row => row[index]?.trim() ?? '').filter(Boolean))
  const dateFormat = dateFormatOf(values(found.bookedOn))
  const amounts = found.amount === undefined ? [...values(found.debit), ...values(found.credit)] : values(found.amount)
  const decimal = decimalOf([...amounts, ...values(found.fee)], form.delimiter)
  if (!dateFormat || !decimal) return undefined
  if (found.valueOn !== undefined && values(found.valueOn).some(value => !readDate(value, dateFormat))) delete found.valueOn
  if (found.amount !== undefined) {
    delete found.debit
    delete found.credit
  } else delete found.direction
  const bookedStates = [...new Set(values(found.state))].filter(value => bookedPattern.test(plainHeader(value)))
  if (bookedStates.length === 0) delete found.state
  const name = (index: number): CsvColumn => (form.header && isNamed(header, index) ? (header[index] ?? '').trim() : index + 1)
  const labels = labelColumns(header, rows, found).map(name)
  const columns = Object.fromEntries(Object.entries(found).map(([field, index]) => [field, name(index)]))
  const mapping = csvMappingSchema.safeParse({ ...form, dateFormat, decimal, bookedStates, columns: { ...columns, label: labels } })
  return mapping.success ? mapping.data : undefined
}

/** A column whose header is empty or repeated is chosen by its number. */
function isNamed(header: readonly string[], index: number): boolean {
  const key = plainHeader(header[index] ?? '')
  return key !== '' && header.findIndex(each => plainHeader(each) === key) === index
}

/** The columns that tell what a booking is for, else the counterparty, else the one with the longest texts. */
function labelColumns(header: readonly string[], rows: readonly (readonly string[])[], found: Fields): number[] {
  const taken = new Set(Object.entries(found).flatMap(([field, index]) => (field === 'counterpartyName' ? [] : [index])))
  const known = header.flatMap((name, index) => (!taken.has(index) && labelPattern.test(plainHeader(name)) ? [index] : []))
  if (known.length > 0) return known.slice(0, 10)
  if (found.counterpartyName !== undefined) return [found.counterpartyName]
  const width = Math.max(header.length, ...rows.map(row => row.length))
  const lengths = Array.from({ length: width }, (_, index) => ({
    index,
    length: taken.has(index) ? -1 : rows.reduce((sum, row) => sum + (row[index] ?? '').replace(/[^\p{L}]/gu, '').length, 0),
  }))
  const [longest] = lengths.toSorted((a, b) => b.length - a.length)
  return longest && longest.length >= 0 ? [longest.index] : []
}

/** For a file without a header: a column of dates and one of amounts with decimals, in every row. */
function guessByShapes(text: string): CsvMapping | undefined {
  for (let skipLines = 0; skipLines < 10; skipLines++) {
    for (const dialect of dialects) {
      const rows = sample(withoutLines(text, skipLines), dialect)
      const width = rows[0]?.length ?? 0
      if (rows.length === 0 || width < 3 || rows.some(row => row.length !== width)) continue
      const columns = Array.from({ length: width }, (_, index) => rows.map(row => row[index]?.trim() ?? ''))
      const bookedOn = columns.findIndex(values => dateFormats.some(format => values.every(value => readDate(value, format))))
      const amount = columns.findIndex(values => values.every(value => /[.,]\d\d\D*$/.test(value)) && decimalOf(values, dialect.delimiter))
      const mapping = bookedOn >= 0 && amount >= 0 && complete({ bookedOn, amount }, [], rows, { ...dialect, skipLines, header: false })
      if (mapping) return mapping
    }
  }
  return undefined
}

function sample(text: string, dialect: CsvDialect): (readonly string[])[] {
  const rows: (readonly string[])[] = []
  const first = text.split('\n', rowsToTry).join('\n')
  eachCsvRow(first, 1, dialect, cells => {
    if (cells.some(cell => cell.trim() !== '')) rows.push(cells)
  })
  return rows
}

/** The format that most dates have, at least four in five of them; the usual one where there are none. */
const dateFormatOf = (values: readonly string[]): DateFormat | undefined =>
  best(dateFormats, values, (value, format) => readDate(value, format) !== undefined)

/** The mark by which most amounts have two decimals at most. Where both would do, the one that goes with the delimiter. */
const decimalOf = (values: readonly string[], delimiter: string): DecimalMark | undefined =>
  best(delimiter === ',' ? (['.', ','] as const) : ([',', '.'] as const), values, (value, mark) =>
    /^-?\d+\.\d\d$/.test(readAmount(value, mark) ?? ''),
  )

function best<T>(candidates: readonly T[], values: readonly string[], fits: (value: string, candidate: T) => boolean): T | undefined {
  const counted = candidates.map(candidate => ({ candidate, count: values.filter(value => fits(value, candidate)).length }))
  const [first] = counted.toSorted((a, b) => b.count - a.count)
  return first && first.count >= values.length * 0.8 ? first.candidate : undefined
}

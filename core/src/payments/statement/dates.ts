/** How the days of a column are written. One or two digits for day and month; a time may follow and is left out. */
export const dateFormats = [
  'dd/mm/yyyy',
  'dd/mm/yy',
  'yyyy-mm-dd',
  'dd.mm.yyyy',
  'dd.mm.yy',
  'dd-mm-yyyy',
  'dd-mm-yy',
  'yyyy/mm/dd',
  'yyyymmdd',
  'mm/dd/yyyy',
  'mm/dd/yy',
] as const
export type DateFormat = (typeof dateFormats)[number]

/** The ISO date that a text says, undefined if it says none or a day that the calendar has not, such as 31/02. */
export function readDate(text: string, format: DateFormat): string | undefined {
  const groups = patterns[format].exec(text)?.groups
  if (!groups) return undefined
  const { y = '', m = '', d = '' } = groups
  const year = Number(y.length === 2 ? `20${y}` : y)
  const month = Number(m)
  const day = Number(d)
  if (year < 1970 || year > 2100 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

const daysIn = (year: number, month: number): number =>
  month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31

const digits: Readonly<Record<string, string>> = { yyyy: '(?<y>\\d{4})', yy: '(?<y>\\d{2})', mm: '(?<m>\\d{1,2})', dd: '(?<d>\\d{1,2})' }

const patternOf = (format: DateFormat): RegExp => {
  const body =
    format === 'yyyymmdd'
      ? '(?<y>\\d{4})(?<m>\\d{2})(?<d>\\d{2})'
      : format.replaceAll('.', '\\.').replace(/[ymd]+/g, part => digits[part] ?? part)
  return new RegExp(`^\\s*${body}(?:[T ,]+\\d{1,2}[:h.]\\d{2}.*|\\s*)$`)
}

const patterns = Object.fromEntries(dateFormats.map(format => [format, patternOf(format)])) as Record<DateFormat, RegExp>

import { findCreditorReference, isCreditorReference } from '../statement/references.ts'

/** A text without accents, in small letters, as `coin.fold` has it. */
export const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßœæøłđðþŒÆØŁĐÐÞ]/g, letter => letters[letter.toLowerCase()] ?? letter)
    .toLowerCase()

const letters: Readonly<Record<string, string>> = { ß: 'ss', œ: 'oe', æ: 'ae', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th' }

/** Which references there can be, so that few of a label's words are looked up. */
export interface ReferenceShapes {
  /** Keys of subscriptions' references with `9` for each digit. */
  readonly shapes: ReadonlySet<string>
  /** The patterns of invoice numbers, such as `C-{{year}}-{{month}}-{{number}}`, by series. */
  readonly patterns: readonly { readonly series: string; readonly pattern: string }[]
}

/** A reference that a text may hold: its key, and of an invoice its place in its series. */
export interface Candidate {
  readonly key: string
  readonly series?: string
  readonly month?: string
  readonly sequence?: number
}

/** Finds candidates in the texts of a line. References of figures alone are taken from eight figures on: shorter ones are dates and amounts. */
export function candidateFinder({ shapes, patterns }: ReferenceShapes) {
  const readers = patterns.map(({ series, pattern }) => invoiceReader(series, pattern))
  const usable = new Set([...shapes].filter(shape => shape.length >= 3 && (/[A-Z]/.test(shape) || shape.length >= 8)))
  const longest = Math.max(14, ...[...usable].map(shape => shape.length), ...patterns.map(({ pattern }) => keyOf(pattern).length))
  const starts = new Set(usable.values().map(shape => /^(?:[A-Z]+|9)/.exec(shape)?.[0] ?? ''))
  for (const { pattern } of patterns) starts.add(/^[A-Z]+/.exec(keyOf(pattern.replace(/\{\{.*/, '')))?.[0] ?? '9')

  /** The candidates of one text; what lies inside a longer one is left out. */
  const inText = (text: string): (Candidate & { from: number; to: number })[] => {
    const words =
      fold(text)
        .toUpperCase()
        .match(/[A-Z]+|[0-9]+/g) ?? []
    const found: (Candidate & { from: number; to: number })[] = []
    for (let from = 0; from < words.length; from++) {
      const first = words[from] as string
      if (!starts.has(/^[0-9]/.test(first) ? '9' : first)) continue
      let key = ''
      for (let to = from; to < words.length && to < from + 10; to++) {
        key += words[to]
        if (key.length > longest) break
        const read = readers.map(reader => reader(key)).find(Boolean)
        if (read) found.push({ key, ...read, from, to })
        if (usable.has(key.replace(/[0-9]/g, '9'))) found.push({ key, from, to })
      }
    }
    return found.filter(
      one => !found.some(other => other.from <= one.from && other.to >= one.to && other.to - other.from > one.to - one.from),
    )
  }

  return (texts: readonly (string | null | undefined)[]): Candidate[] => {
    const found = new Map<string, Candidate>()
    for (const text of texts) {
      if (!text) continue
      for (const { from: _, to: __, ...candidate } of [...inText(text), ...creditorReferences(text).flatMap(inText)])
        found.set(`${candidate.key} ${candidate.series ?? ''}`, candidate)
    }
    return [...found.values()]
  }
}

/** What an `RF` reference carries: ours, behind its check digits. */
function creditorReferences(text: string): string[] {
  const compact = text.replace(/\s+/g, '').toUpperCase()
  const whole = isCreditorReference(compact) ? compact : findCreditorReference(text)
  return whole ? [whole.slice(4).replace(/^0+(?=.)/, '')] : []
}

const keyOf = (text: string) =>
  fold(text)
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')

/** Reads `202602000012` by the pattern of its series. */
function invoiceReader(series: string, pattern: string) {
  const parts = pattern.split(/(\{\{(?:year|month|number)\}\})/)
  const source = parts.map(part => places[part] ?? keyOf(part)).join('')
  const form = new RegExp(`^${source}$`)
  return (key: string): Pick<Candidate, 'series' | 'month' | 'sequence'> | undefined => {
    const { year, month, number } = form.exec(key)?.groups ?? {}
    if (!year || !month || !number || month < '01' || month > '12') return undefined
    return { series, month: `${year}-${month}-01`, sequence: Number(number) }
  }
}

const places: Readonly<Record<string, string>> = {
  '{{year}}': '(?<year>20\\d\\d)',
  '{{month}}': '(?<month>\\d\\d)',
  '{{number}}': '(?<number>\\d{6,9})',
}

/** Words that banks and couples put beside a name; `coin.name_key` leaves out the same. */
const beside = new Set(
  'm mr mme mlle mm dr me ou et or and monsieur madame mademoiselle herr frau vir virement sepa recu de du inst instantane web'.split(' '),
)

const wordsOf = (text: string): string[] => fold(text).match(/[a-z0-9]+/g) ?? []

/** A payer's name as `coin.name_key` has a member's, titles left out; '' when nothing is left. */
export const nameKey = (name: string): string =>
  wordsOf(name)
    .filter(word => !beside.has(word))
    .sort()
    .join(' ')

/** Every name that a label may hold: two to four words in a row, without figures. A single word is nobody's name. */
export function namesIn(label: string): string[] {
  const words = wordsOf(label).filter(word => !beside.has(word))
  const found = new Set<string>()
  for (let from = 0; from < words.length; from++) {
    for (let to = from; to < words.length && to < from + 4; to++) {
      if (/\d/.test(words[to] ?? '')) break
      if (to > from)
        found.add(
          words
            .slice(from, to + 1)
            .sort()
            .join(' '),
        )
    }
  }
  return [...found]
}

/** What stays the same of a label from one month to the next: its words without figures. */
export const labelKey = (label: string): string =>
  wordsOf(label)
    .filter(word => !/\d/.test(word))
    .join(' ')
    .slice(0, 200)
    .trim()

import Big from 'big.js'
import { isPayable } from './amounts.ts'
import type { CsvMapping } from './csv-mapping.ts'
import { decode } from './decode.ts'
import { withFingerprints } from './fingerprint.ts'
import { guessMappingOf } from './guess-mapping.ts'
import { isCamt, readCamt } from './read-camt.ts'
import { readCsv } from './read-csv.ts'
import { isOfx, readOfx } from './read-ofx.ts'
import type { AccountBookings, Reading, Statement, StatementProblem } from './statement.ts'
import { longestText } from './texts.ts'

/** More problems than a person reads; how many there are besides is said. */
export const mostProblems = 1000

export interface ReadOptions {
  /** How the bank writes its CSV; guessed when absent. CAMT and OFX need none. */
  readonly mapping?: CsvMapping
  /** Of the file, if it is not to be found out; of a CSV, that of its mapping comes second. */
  readonly charset?: string
  /** ISO code of the currency that the account is kept in. A booking in another is refused. */
  readonly currency: string
  /** IBAN, or what the file has instead, of the account to take from a file that holds several. */
  readonly account?: string
}

/**
 * Reads a bank's file, whose content says which format it has. Either all of it or its problems, each with its line: it never throws at what a
 * file holds, and nothing in a file is evaluated.
 */
export function readStatement(bytes: Uint8Array, options: ReadOptions): { statement: Statement } | { problems: StatementProblem[] } {
  const decoded = decode(bytes, options.charset ?? options.mapping?.charset)
  if ('problem' in decoded) return { problems: [decoded.problem] }
  const { text } = decoded
  const format = isCamt(text) ? 'camt053' : isOfx(text) ? 'ofx' : 'csv'
  const reading = readAs(format, text, options)
  if (reading.problems.length > 0) return refused(reading.problems)
  const chosen = chooseAccount(reading.accounts, options.account)
  if ('problem' in chosen) return refused([chosen.problem])
  const { account, parts } = chosen
  const problems = [...parts.flatMap(checkBalances), ...checkLines(parts, options.currency)]
  if (problems.length > 0) return refused(problems)
  const lines = withFingerprints({ ...(account && { account }), lines: parts.flatMap(part => part.lines) })
  return { statement: { format, currency: options.currency, ...(account && { account }), ...period(parts), ...balances(parts), lines } }
}

function readAs(format: Statement['format'], text: string, { mapping, currency }: ReadOptions): Reading {
  if (format === 'camt053') return readCamt(text, currency)
  if (format === 'ofx') return readOfx(text, currency)
  if (/^\s*<(\?xml|[A-Za-z])/.test(text))
    return { accounts: [], problems: [{ line: 1, message: 'This is neither CAMT nor OFX: export the statement as CAMT.053, OFX or CSV.' }] }
  const known = mapping ?? guessMappingOf(text)
  if (known) return readCsv(text, known, currency)
  return {
    accounts: [],
    problems: [{ message: 'The columns were not recognised: say in a mapping which column holds the date, the amount and the label.' }],
  }
}

const refused = (problems: readonly StatementProblem[]): { problems: StatementProblem[] } => {
  if (problems.length <= mostProblems) return { problems: [...problems] }
  const more = problems.length - mostProblems
  return { problems: [...problems.slice(0, mostProblems), { message: 'There are {{more}} more problems.', values: { more } }] }
}

const nameOf = ({ account }: AccountBookings): string => account?.iban ?? account?.other ?? ''

/** The statements of one account, in the order of time if they tell it. */
function chooseAccount(
  accounts: readonly AccountBookings[],
  wanted: string | undefined,
): { account: AccountBookings['account']; parts: readonly AccountBookings[] } | { problem: StatementProblem } {
  const names = [...new Set(accounts.map(nameOf))]
  const compact = (name: string) => name.replace(/\s/g, '').toUpperCase()
  const asked = wanted === undefined ? names : names.filter(name => name === '' || compact(name) === compact(wanted))
  if (names.length > 0 && asked.length === 0)
    return {
      problem: {
        message: 'This file is of the account {{accounts}}, not of {{account}}.',
        values: { accounts: names.join(', '), account: wanted ?? '' },
      },
    }
  if (asked.length > 1)
    return { problem: { message: 'This file holds several accounts ({{accounts}}): choose one.', values: { accounts: names.join(', ') } } }
  const parts = accounts.filter(each => nameOf(each) === asked[0])
  const start = (part: AccountBookings) => part.from ?? part.lines[0]?.bookedOn ?? ''
  return { account: parts[0]?.account, parts: parts.toSorted((a, b) => (start(a) < start(b) ? -1 : start(a) > start(b) ? 1 : 0)) }
}

const sumOf = (parts: readonly AccountBookings[], start: string): Big =>
  parts.reduce((total, part) => part.lines.reduce((sum, line) => sum.plus(line.amount), total), Big(start))

function checkBalances(part: AccountBookings): StatementProblem[] {
  const { openingBalance: opening, closingBalance: closing } = part
  if (opening === undefined || closing === undefined) return []
  const sum = sumOf([part], opening)
  if (sum.eq(closing)) return []
  const message =
    'The opening balance {{opening}} and the bookings come to {{sum}}, the closing balance is {{closing}}: bookings are missing. Export it again.'
  return [{ ...(part.line && { line: part.line }), field: 'Bal', message, values: { opening, sum: sum.toFixed(2), closing } }]
}

function checkLines(parts: readonly AccountBookings[], expected: string): StatementProblem[] {
  const problems: StatementProblem[] = []
  for (const { line, currency } of parts.filter(part => part.currency !== expected))
    problems.push({ ...(line && { line }), field: 'currency', message: otherCurrency, values: { currency, expected } })
  for (const part of parts.filter(({ currency }) => currency === expected)) {
    for (const { source, amount, currency, ...texts } of part.lines) {
      if (currency !== expected)
        problems.push({ line: source.line, field: 'currency', message: otherCurrency, values: { currency, expected } })
      else if (!isPayable(amount, currency))
        problems.push({
          line: source.line,
          field: 'amount',
          message: '{{amount}} has more decimals than {{currency}}: check the decimal mark.',
          values: { amount, currency },
        })
      for (const [field, text] of Object.entries(texts))
        if (typeof text === 'string' && text.length > longestText)
          problems.push({
            line: source.line,
            field,
            message: 'This text is longer than {{longest}} characters: the file is damaged.',
            values: { longest: longestText },
          })
    }
  }
  return problems
}

const otherCurrency = 'This is in {{currency}}, the account in {{expected}}: export the bookings in one currency.'

function period(parts: readonly AccountBookings[]): Pick<Statement, 'from' | 'until'> {
  let [from, until] = [parts[0]?.from, parts.at(-1)?.until]
  if (from && until) return { from, until }
  for (const part of parts)
    for (const { bookedOn } of part.lines) {
      if (!from || bookedOn < from) from = bookedOn
      if (!until || bookedOn > until) until = bookedOn
    }
  return { ...(from && { from }), ...(until && { until }) }
}

/** Of several statements, the first opening and the last closing balance, if no day between them is missing. */
function balances(parts: readonly AccountBookings[]): Pick<Statement, 'openingBalance' | 'closingBalance'> {
  const [opening, closing] = [parts[0]?.openingBalance, parts.at(-1)?.closingBalance]
  if (parts.length > 1 && (opening === undefined || closing === undefined || !sumOf(parts, opening).eq(closing))) return {}
  return { ...(opening && { openingBalance: opening }), ...(closing && { closingBalance: closing }) }
}

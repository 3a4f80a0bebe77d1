import { readPlainAmount } from './amounts.ts'
import { type EntryContext, readCamtEntry } from './camt-entry.ts'
import { readDate } from './dates.ts'
import type { AccountBookings, Booking, Reading, StatementProblem } from './statement.ts'
import { cleanReference, validIban } from './texts.ts'
import { all, at, readXml, textAt, type XmlElement, type XmlNode } from './xml.ts'

/** Documents of the camt family, whatever their version: end-of-day statements, reports of the day, notifications. */
const documents: readonly (readonly [document: string, part: string])[] = [
  ['BkToCstmrStmt', 'Stmt'],
  ['BkToCstmrAcctRpt', 'Rpt'],
  ['BkToCstmrDbtCdtNtfctn', 'Ntfctn'],
]

/** Whether a text looks like a document of the camt family. */
export const isCamt = (text: string): boolean => /<(?:[\w.-]+:)?BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)[\s>]/.test(text.slice(0, 20_000))

/** Reads camt.053, and camt.052 and camt.054 alike: booked entries only, a batch as its single payments. */
export function readCamt(text: string, currency: string): Reading {
  const problems: StatementProblem[] = []
  const bookings = new Map<XmlElement, { context: EntryContext; lines: Booking[] }>()
  const read = readXml(text, {
    name: 'Ntry',
    take(entry, part, line) {
      const known = bookings.get(part) ?? { context: contextOf(part, currency, problems), lines: [] }
      bookings.set(part, known)
      for (const booking of readCamtEntry(entry, line, known.context)) known.lines.push(booking)
    },
  })
  if ('problem' in read) return { accounts: [], problems: [...problems, read.problem] }
  const parts = documents.flatMap(([document, part]) => all(at(read.tree, 'Document', document) ?? at(read.tree, document), part))
  const accounts = parts.map(part => readPart(part, typeof part === 'string' ? [] : (bookings.get(part)?.lines ?? []), currency, problems))
  if (parts.length === 0) problems.push({ field: 'Stmt', message: 'There is no statement in this file: export a camt.053.' })
  return { accounts, problems }
}

const ibanOf = (part: XmlNode): string | undefined => validIban(textAt(part, 'Acct', 'Id', 'IBAN'))

const contextOf = (part: XmlNode, expected: string, problems: StatementProblem[]): EntryContext => ({
  currency: textAt(part, 'Acct', 'Ccy') ?? expected,
  iban: ibanOf(part),
  problems,
})

function readPart(part: XmlNode, lines: readonly Booking[], expected: string, problems: StatementProblem[]): AccountBookings {
  const iban = ibanOf(part)
  const other = cleanReference(textAt(part, 'Acct', 'Id', 'Othr', 'Id') ?? textAt(part, 'Acct', 'Id', 'IBAN'))
  const opening = balance(part, ['OPBD', 'PRCD'], problems)
  const closing = balance(part, ['CLBD'], problems)
  const from = dayOf(textAt(part, 'FrToDt', 'FrDtTm'))
  const until = dayOf(textAt(part, 'FrToDt', 'ToDtTm'))
  return {
    currency: textAt(part, 'Acct', 'Ccy') ?? expected,
    lines,
    ...((iban || other) && { account: iban ? { iban } : { other: other ?? '' } }),
    ...(lines[0] && { line: lines[0].source.line }),
    ...(from && { from }),
    ...(until && { until }),
    ...(opening && { openingBalance: opening }),
    ...(closing && { closingBalance: closing }),
  }
}

function balance(part: XmlNode, codes: readonly string[], problems: StatementProblem[]): string | undefined {
  for (const code of codes) {
    const found = all(part, 'Bal').find(each => textAt(each, 'Tp', 'CdOrPrtry', 'Cd') === code)
    if (!found) continue
    const text = textAt(found, 'Amt') ?? ''
    const amount = readPlainAmount(`${textAt(found, 'CdtDbtInd') === 'DBIT' ? '-' : ''}${text}`)
    if (!amount) problems.push({ field: `Bal ${code}`, message: '“{{value}}” is not an amount.', values: { value: text } })
    return amount
  }
  return undefined
}

const dayOf = (text: string | undefined): string | undefined => readDate(text?.slice(0, 10) ?? '', 'yyyy-mm-dd')

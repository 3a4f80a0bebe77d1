import { readPlainAmount } from './amounts.ts'
import { readDate } from './dates.ts'
import { aggregatesOf, type OfxAggregate, readOfxElements } from './ofx-elements.ts'
import { findCreditorReference } from './references.ts'
import { returnReasonIn, tellsOfReturn } from './returns.ts'
import type { AccountBookings, Booking, Reading, StatementProblem } from './statement.ts'
import { cleanReference, cleanText, joinTexts, validIban } from './texts.ts'

/** Whether a text looks like OFX, 1 (SGML) or 2 (XML). */
export const isOfx = (text: string): boolean => /^\s*OFXHEADER|<\?OFX|<OFX[\s>]/i.test(text.slice(0, 5000))

/** Reads OFX 1 and 2: accounts at banks and of cards. It tells the closing balance only, and returns by the words of the label. */
export function readOfx(text: string, currency: string): Reading {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text.slice(0, 100_000)))
    return { accounts: [], problems: [{ message: 'The file defines a document type, which no bank does: it is not read.' }] }
  const read = readOfxElements(text)
  if ('problem' in read) return { accounts: [], problems: [read.problem] }
  const problems: StatementProblem[] = []
  const statements = ['STMTRS', 'CCSTMTRS'].flatMap(name => aggregatesOf(read.root, name))
  if (statements.length === 0)
    problems.push({ field: 'STMTRS', message: 'There is no statement in this file: export the bookings of an account.' })
  return { accounts: statements.map(statement => readAccount(statement, currency, problems)), problems }
}

function readAccount(statement: OfxAggregate, expected: string, problems: StatementProblem[]): AccountBookings {
  const currency = statement.values.get('CURDEF') || expected
  const list = statement.children.find(child => child.name === 'BANKTRANLIST')
  const balance = statement.children.find(child => child.name === 'LEDGERBAL')
  const account = accountOf(statement)
  const from = dayOf(list?.values.get('DTSTART'))
  const until = dayOf(list?.values.get('DTEND'))
  const closing = readPlainAmount(balance?.values.get('BALAMT') ?? '')
  const transactions = (list?.children ?? []).filter(child => child.name === 'STMTTRN')
  return {
    line: statement.line,
    currency,
    lines: transactions.flatMap(transaction => readTransaction(transaction, currency, problems) ?? []),
    ...(account && { account }),
    ...(from && { from }),
    ...(until && { until }),
    ...(closing && { closingBalance: closing }),
  }
}

function readTransaction(transaction: OfxAggregate, currency: string, problems: StatementProblem[]): Booking | undefined {
  const { values, children, line } = transaction
  const before = problems.length
  const problem = (field: string, message: string) => problems.push({ line, field, message, values: { value: values.get(field) ?? '' } })
  const bookedOn = dayOf(values.get('DTPOSTED'))
  if (!bookedOn) problem('DTPOSTED', '“{{value}}” is not a date of the calendar.')
  const valueOn = dayOf(values.get('DTAVAIL'))
  if (values.get('DTAVAIL') && !valueOn) problem('DTAVAIL', '“{{value}}” is not a date of the calendar.')
  const amount = readPlainAmount(values.get('TRNAMT') ?? '')
  if (!amount) problem('TRNAMT', '“{{value}}” is not an amount.')
  if (problems.length > before || !bookedOn || !amount) return undefined
  const inside = (name: string) => children.find(child => child.name === name)?.values
  const name = cleanText(inside('PAYEE')?.get('NAME') ?? values.get('EXTDNAME') ?? values.get('NAME'))
  const iban = validIban(inside('BANKACCTTO')?.get('ACCTID'))
  const label = joinTexts([values.get('NAME') ?? name, values.get('MEMO')])
  const reference = findCreditorReference(label)
  const bankReference = cleanReference(values.get('FITID'))
  const isReturn = tellsOfReturn(label)
  const reason = isReturn ? returnReasonIn(label) : undefined
  return {
    bookedOn,
    ...(valueOn && { valueOn }),
    amount,
    currency: inside('CURRENCY')?.get('CURSYM') || currency,
    label,
    ...(name && { counterpartyName: name }),
    ...(iban && { counterpartyIban: iban }),
    ...(reference && { structuredReference: reference }),
    ...(bankReference && { bankReference }),
    ...(reason && { returnReason: reason }),
    isReturn,
    source: { line },
  }
}

function accountOf({ children }: OfxAggregate): AccountBookings['account'] {
  const values = children.find(({ name }) => name === 'BANKACCTFROM' || name === 'CCACCTFROM')?.values
  const iban = validIban(values?.get('ACCTID'))
  if (iban) return { iban }
  const other = ['BANKID', 'BRANCHID', 'ACCTID'].flatMap(name => cleanText(values?.get(name)) ?? []).join(' ')
  return other ? { other } : undefined
}

/** `20260105`, perhaps with a time and a zone: the day as it is written. */
const dayOf = (text = ''): string | undefined =>
  /^\d{8}(?:\d{4}|\d{6})?(?:\.\d+)?(?:\[.*\])?$/.test(text) ? readDate(text.slice(0, 8), 'yyyymmdd') : undefined

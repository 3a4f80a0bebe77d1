import Big from 'big.js'
import { negated, readPlainAmount } from './amounts.ts'
import { readDate } from './dates.ts'
import { findCreditorReference, normaliseReference } from './references.ts'
import type { Booking, StatementProblem } from './statement.ts'
import { cleanReference, cleanText, joinTexts, validIban } from './texts.ts'
import { all, at, textAt, type XmlNode } from './xml.ts'

/** What an entry needs to know of its statement. */
export interface EntryContext {
  readonly currency: string
  /** The account's own IBAN, which is never the counterparty's. */
  readonly iban: string | undefined
  readonly problems: StatementProblem[]
}

/** What the bookings of an entry have in common. */
interface Entry {
  readonly node: XmlNode
  readonly line: number
  readonly bookedOn: string
  readonly valueOn: string | undefined
  readonly amount: string
  readonly currency: string
  readonly isCredit: boolean
  readonly isReversal: boolean
}

/** The bookings of an `Ntry`: none if it is not booked yet, one for each payment of a batch. */
export function readCamtEntry(node: XmlNode, line: number, context: EntryContext): Booking[] {
  const status = textAt(node, 'Sts', 'Cd') ?? textAt(node, 'Sts') ?? 'BOOK'
  if (status !== 'BOOK') return []
  const entry = readEntry(node, line, context)
  if (!entry) return []
  const details = all(node, 'NtryDtls').flatMap(each => all(each, 'TxDtls'))
  if (details.length < 2) return [booking(entry, details[0] ?? '', entry.amount, entry.isCredit, context)]
  return readBatch(entry, details, context)
}

/** The payments of a batch. A bank that gives none of their amounts gives one booking for the whole. */
function readBatch(entry: Entry, details: readonly XmlNode[], context: EntryContext): Booking[] {
  const isCredits = details.map(each => (textAt(each, 'CdtDbtInd') ?? (entry.isCredit ? 'CRDT' : 'DBIT')) === 'CRDT')
  const amounts = details.map((each, index) => signed(amountIn(each, entry.currency), isCredits[index] ?? entry.isCredit))
  const given = amounts.filter(amount => amount !== undefined)
  if (given.length === 0) return [booking(entry, {}, entry.amount, entry.isCredit, context)]
  const sum = given.reduce((total, amount) => total.plus(amount), Big(0))
  if (given.length < details.length || !sum.eq(entry.amount)) {
    context.problems.push({
      line: entry.line,
      field: 'TxDtls',
      message: 'The payments of this batch come to {{sum}}, the entry says {{amount}}: ask the bank for a statement with each amount.',
      values: { sum: sum.toFixed(2), amount: entry.amount },
    })
    return []
  }
  return details.map((each, index) => booking(entry, each, amounts[index] ?? '', isCredits[index] ?? entry.isCredit, context))
}

function readEntry(node: XmlNode, line: number, { currency, problems }: EntryContext): Entry | undefined {
  const before = problems.length
  const problem = (field: string, message: string, value: string) => problems.push({ line, field, message, values: { value } })
  const written = textAt(node, 'Amt') ?? ''
  const amount = readPlainAmount(written)
  if (!amount || amount.startsWith('-')) problem('Amt', '“{{value}}” is not an amount.', written)
  const direction = textAt(node, 'CdtDbtInd') ?? ''
  if (direction !== 'CRDT' && direction !== 'DBIT') problem('CdtDbtInd', '“{{value}}” is neither CRDT nor DBIT.', direction)
  const booked = dateIn(node, 'BookgDt') ?? dateIn(node, 'ValDt') ?? ''
  const bookedOn = readDate(booked, 'yyyy-mm-dd')
  if (!bookedOn) problem('BookgDt', '“{{value}}” is not a date of the calendar.', booked)
  const valued = dateIn(node, 'ValDt')
  const valueOn = valued === undefined ? undefined : readDate(valued, 'yyyy-mm-dd')
  if (valued !== undefined && !valueOn) problem('ValDt', '“{{value}}” is not a date of the calendar.', valued)
  if (problems.length > before || !amount || !bookedOn) return undefined
  const isCredit = direction === 'CRDT'
  return {
    node,
    line,
    bookedOn,
    valueOn,
    amount: isCredit ? amount : negated(amount),
    currency: textAt(node, 'Amt', '@Ccy') ?? currency,
    isCredit,
    isReversal: /^(true|1)$/.test(textAt(node, 'RvslInd') ?? ''),
  }
}

function booking(entry: Entry, details: XmlNode, amount: string, isCredit: boolean, { iban }: EntryContext): Booking {
  const reason = cleanReference(textAt(details, 'RtrInf', 'Rsn', 'Cd') ?? textAt(details, 'RtrInf', 'Rsn', 'Prtry'))
  const isReturn = entry.isReversal || at(details, 'RtrInf') !== undefined
  const party = counterparty(details, isCredit !== isReturn, iban)
  const structured = all(at(details, 'RmtInf'), 'Strd')
  const unstructured = all(at(details, 'RmtInf'), 'Ustrd').map(each => textAt({ text: each }, 'text'))
  const label =
    joinTexts(unstructured) ||
    joinTexts(structured.flatMap(each => all(each, 'AddtlRmtInf').map(text => textAt({ text }, 'text')))) ||
    cleanText(textAt(details, 'AddtlTxInf') ?? textAt(entry.node, 'AddtlNtryInf')) ||
    ''
  const reference =
    normaliseReference(cleanReference(structured.map(each => textAt(each, 'CdtrRefInf', 'Ref')).find(Boolean))) ??
    findCreditorReference(label)
  const endToEndId = cleanReference(textAt(details, 'Refs', 'EndToEndId'))
  const mandateId = cleanReference(textAt(details, 'Refs', 'MndtId'))
  const bankReference = cleanReference(textAt(details, 'Refs', 'AcctSvcrRef')) ?? cleanReference(textAt(entry.node, 'AcctSvcrRef'))
  return {
    bookedOn: entry.bookedOn,
    ...(entry.valueOn && { valueOn: entry.valueOn }),
    amount,
    currency: entry.currency,
    label: label || joinTexts([party.name, reference, endToEndId]),
    ...(party.name && { counterpartyName: party.name }),
    ...(party.iban && { counterpartyIban: party.iban }),
    ...(endToEndId && { endToEndId }),
    ...(reference && { structuredReference: reference }),
    ...(mandateId && { mandateId }),
    ...(bankReference && { bankReference }),
    ...(reason && { returnReason: reason }),
    isReturn,
    source: { line: entry.line },
  }
}

/** Who is on the other side: the debtor of what came in. A return keeps the roles of the payment that it undoes. */
function counterparty(details: XmlNode, isDebtor: boolean, own: string | undefined) {
  const parties = at(details, 'RltdPties')
  const read = (role: string) => ({
    name: cleanText(textAt(parties, role, 'Nm') ?? textAt(parties, role, 'Pty', 'Nm')),
    iban: validIban(textAt(parties, `${role}Acct`, 'Id', 'IBAN')),
  })
  const [party, opposite] = isDebtor ? [read('Dbtr'), read('Cdtr')] : [read('Cdtr'), read('Dbtr')]
  return party.iban !== undefined && party.iban === own ? opposite : party
}

/** The amount of a payment in the account's currency, wherever this version of the format has it. */
function amountIn(details: XmlNode, currency: string): string | undefined {
  const written = [
    at(details, 'Amt'),
    at(details, 'AmtDtls', 'TxAmt', 'Amt'),
    at(details, 'AmtDtls', 'CntrValAmt', 'Amt'),
    at(details, 'AmtDtls', 'InstdAmt', 'Amt'),
  ].find(each => each !== undefined && (textAt(each, '@Ccy') ?? currency) === currency)
  return written === undefined ? undefined : readPlainAmount(textAt({ written }, 'written') ?? '')
}

const signed = (amount: string | undefined, isCredit: boolean): string | undefined =>
  amount === undefined || isCredit ? amount : negated(amount)

/** The day as it is written, of a date or of a time in the bank's own zone. */
const dateIn = (node: XmlNode, name: string): string | undefined =>
  textAt(node, name, 'Dt') ?? textAt(node, name, 'DtTm')?.slice(0, 10) ?? (at(node, name) === undefined ? undefined : '')

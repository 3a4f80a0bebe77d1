import Big from 'big.js'
import { negated, readAmount } from './amounts.ts'
import type { CsvField, CsvMapping } from './csv-mapping.ts'
import { readDate } from './dates.ts'
import { findCreditorReference, isCreditorReference, normaliseReference } from './references.ts'
import { returnReasonIn, tellsOfReturn } from './returns.ts'
import type { Booking, StatementProblem } from './statement.ts'
import { cleanReference, cleanText, joinTexts, validIban } from './texts.ts'

/** A row by the fields of its mapping. */
export interface CsvRow {
  readonly line: number
  readonly labels: readonly (string | undefined)[]
  /** The trimmed text of a field's cell, empty if there is none. */
  cell(field: CsvField): string
  /** The field's column, as a person knows it. */
  name(field: CsvField): string
}

/** The booking of a row, or undefined and its problems, all of them. */
export function readCsvRow(row: CsvRow, mapping: CsvMapping, currency: string, problems: StatementProblem[]): Booking | undefined {
  const { line, cell } = row
  const before = problems.length
  const problem: Complain = (field, message) => {
    problems.push({ line, field: row.name(field), message, values: { value: shorten(cell(field)), format: mapping.dateFormat } })
    return undefined
  }
  const bookedOn = readDate(cell('bookedOn'), mapping.dateFormat) ?? problem('bookedOn', notADate)
  const valueOn = cell('valueOn') ? (readDate(cell('valueOn'), mapping.dateFormat) ?? problem('valueOn', notADate)) : undefined
  const amount = readSigned(row, mapping, problem)
  if (!bookedOn || !amount || problems.length > before) return undefined
  const name = cleanText(cell('counterpartyName'))
  const label = joinTexts(row.labels) || name || ''
  const iban = validIban(cell('counterpartyIban'))
  const endToEndId = cleanReference(cell('endToEndId'))
  const given = normaliseReference(cleanReference(cell('reference')))
  const reference = given && isCreditorReference(given) ? given : (findCreditorReference(label) ?? given)
  const mandateId = cleanReference(cell('mandateId'))
  const bankReference = cleanReference(cell('bankReference'))
  const isReturn = tellsOfReturn(label)
  const reason = isReturn ? returnReasonIn(label) : undefined
  return {
    bookedOn,
    ...(valueOn && { valueOn }),
    amount,
    currency: currencyIn(cell('currency')) || currency,
    label,
    ...(name && { counterpartyName: name }),
    ...(iban && { counterpartyIban: iban }),
    ...(endToEndId && { endToEndId }),
    ...(reference && { structuredReference: reference }),
    ...(mandateId && { mandateId }),
    ...(bankReference && { bankReference }),
    ...(reason && { returnReason: reason }),
    isReturn,
    source: { line },
  }
}

type Complain = (field: CsvField, message: string) => undefined

const notADate = '“{{value}}” is not a date of the calendar written as {{format}}.'
const notAnAmount = '“{{value}}” is not an amount: check the decimal mark of the mapping.'

function readSigned(row: CsvRow, mapping: CsvMapping, problem: Complain): string | undefined {
  const read = (field: CsvField) => readAmount(row.cell(field), mapping.decimal) ?? problem(field, notAnAmount)
  const amount = mapping.columns.amount ? directed(read('amount'), row, problem) : fromTwoColumns(row, read, problem)
  if (amount === undefined) return undefined
  const fee = row.cell('fee') ? read('fee') : '0.00'
  if (fee === undefined) return undefined
  const signed = mapping.signInverted ? negated(amount) : amount
  return /[1-9]/.test(fee) ? withCents(Big(signed).minus(fee)) : signed
}

function directed(amount: string | undefined, { cell }: CsvRow, problem: Complain): string | undefined {
  const direction = cell('direction').toLowerCase()
  if (amount === undefined || direction === '') return amount
  if (/^(c|cr|crdt|credit|crédit|h|haben|in|bij|\+)$/.test(direction)) return amount
  if (/^(d|dr|dbit|debit|débit|s|soll|out|af|-)$/.test(direction)) return amount.startsWith('-') ? amount : negated(amount)
  return problem('direction', '“{{value}}” says neither debit nor credit.')
}

/** Some banks write debits with a sign, others without: they are debits both ways. */
function fromTwoColumns({ cell }: CsvRow, read: (field: CsvField) => string | undefined, problem: Complain): string | undefined {
  const [debit, credit] = (['debit', 'credit'] as const).map(field => (cell(field) ? read(field) : '0.00'))
  if (debit === undefined || credit === undefined) return undefined
  if (!/[1-9]/.test(debit)) return credit
  if (/[1-9]/.test(credit)) return problem('credit', 'There is a debit and a credit on this line: check the columns of the mapping.')
  return debit.startsWith('-') ? debit : negated(debit)
}

const withCents = (amount: Big): string => amount.toFixed(Math.max(2, (amount.toFixed().split('.')[1] ?? '').length))

const currencyIn = (text: string): string => (text === '€' || /^euros?$/i.test(text) ? 'EUR' : text.toUpperCase())

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

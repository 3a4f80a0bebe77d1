import { createHash } from 'node:crypto'
import type { AccountBookings, Booking, StatementLine } from './statement.ts'

/**
 * Gives each booking its fingerprint: SHA-256 over the account as the file names it, the day, the amount, the currency, the counterparty, the
 * references and the label, or the bank's own reference instead of the label; and its ordinal among the bookings of that day for which all
 * this is the same.
 *
 * Two transfers of 20 € by the same person on one day are two: ordinals 1 and 2. Exports of overlapping periods give both the same
 * fingerprints again, in whatever order they list them, for same bookings are interchangeable.
 *
 * A period that was cut in the middle of a day (an export made at noon) does no harm as long as the other export has the whole day: what was
 * missing gets the higher ordinals. Only if one file lacks the end of a day and the other its beginning, and same bookings without a reference
 * of the bank lie in both halves, are they taken for one another, and the fewer of both counts are lost: export whole days.
 *
 * A CSV that names no account gives the same fingerprints for two accounts: keep them apart by the account. Another format of the same bank
 * gives other fingerprints, because its labels differ.
 */
export function withFingerprints({ account, lines }: Pick<AccountBookings, 'account' | 'lines'>): StatementLine[] {
  const seen = new Map<string, number>()
  const name = account?.iban ?? account?.other ?? ''
  return lines.map(line => {
    const identity = JSON.stringify([name, ...identityOf(line)])
    const ordinal = (seen.get(identity) ?? 0) + 1
    seen.set(identity, ordinal)
    return { ...line, fingerprint: createHash('sha256').update(`${identity}#${ordinal}`).digest('hex') }
  })
}

const identityOf = (line: Booking): (string | undefined)[] => [
  line.bookedOn,
  line.amount,
  line.currency,
  line.counterpartyIban,
  line.counterpartyName?.toLowerCase(),
  line.endToEndId,
  line.structuredReference,
  line.mandateId,
  ...(line.bankReference ? ['reference', line.bankReference] : ['label', line.label.toLowerCase()]),
]

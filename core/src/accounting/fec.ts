import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { accountLabel } from './chart.ts'
import { booked, type Entry, entriesOf } from './entries.ts'
import { letter } from './lettering.ts'
import { type Period, yearOf } from './period.ts'

/** Its columns, in the order of article A47 A-1 of the Livre des procédures fiscales. */
export const fecColumns = [
  'JournalCode',
  'JournalLib',
  'EcritureNum',
  'EcritureDate',
  'CompteNum',
  'CompteLib',
  'CompAuxNum',
  'CompAuxLib',
  'PieceRef',
  'PieceDate',
  'EcritureLib',
  'Debit',
  'Credit',
  'EcritureLet',
  'DateLet',
  'ValidDate',
  'Montantdevise',
  'Idevise',
] as const

/** The file name that the tax authority wants: SIREN, FEC, and the last day. */
export function fecName({ to }: Period): string {
  const { siren, siret } = currentScope().registry.config.provider.identity
  return `${siren ?? siret?.slice(0, 9) ?? ''}FEC${compact(to)}.txt`
}

/**
 * The French file of accounting entries, piece by piece, in a transaction that sees one moment. Memory does not grow with the period; statements
 * grow with the batches.
 */
export async function* fecFile(tx: Tx, period: Period): AsyncGenerator<string> {
  const separator = currentScope().registry.config.accounting.fec.separator === 'tab' ? '\t' : '|'
  yield `${fecColumns.join(separator)}\r\n`
  const first = (await entriesBefore(tx, period)) + 1
  await letter(tx, period)
  for await (const entries of entriesOf(tx, period, first))
    yield entries.flatMap(entry => linesOf(entry).map(cells => `${cells.join(separator)}\r\n`)).join('')
}

/** How many entries the financial year has before the period: numbers go on from there. */
async function entriesBefore(tx: Tx, { from }: Period): Promise<number> {
  const year = yearOf(from)
  const { rows } = await tx.execute<{ count: number }>(sql`
    SELECT (SELECT count(*) FROM invoice i WHERE i.issued_on >= ${year.from}::date AND i.issued_on < ${from}::date AND ${booked})::int
      + (SELECT count(*) FROM payment p WHERE p.received_on >= ${year.from}::date AND p.received_on < ${from}::date)::int AS count`)
  return rows[0]?.count ?? 0
}

function linesOf({ journal, number, day, validOn, piece, words, lines }: Entry): readonly (readonly string[])[] {
  const { code, label } = currentScope().registry.config.accounting.journals[journal]
  return lines.map(({ account, auxiliary, debit, credit }) => [
    code,
    plain(label),
    String(number),
    compact(day),
    account,
    plain(accountLabel(account)),
    auxiliary?.number ?? '',
    plain(auxiliary?.name ?? ''),
    plain(piece),
    compact(day),
    plain(words),
    amountOf(debit),
    amountOf(credit),
    auxiliary?.letter ?? '',
    auxiliary?.letter ? compact(auxiliary.letteredOn ?? '') : '',
    compact(validOn),
    '',
    '',
  ])
}

const compact = (day: string) => day.replaceAll('-', '')
const amountOf = (cents: bigint) => `${cents / 100n},${String(cents % 100n).padStart(2, '0')}`

/** Nothing that would be taken for a separator or the end of a line; the curly apostrophe is not in every encoding. */
const plain = (text: string) =>
  text
    .replace(/[\p{Cc}|\u2028\u2029]+/gu, ' ')
    .replaceAll('’', "'")
    .trim()

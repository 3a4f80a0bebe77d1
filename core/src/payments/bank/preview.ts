import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import type { CsvMapping } from '../statement/csv-mapping.ts'
import type { Statement, StatementLine, StatementProblem } from '../statement/statement.ts'
import { lockImport, requireAccount } from './imports.ts'
import { propose } from './propose.ts'
import { type FileAccount, readForAccount } from './read-file.ts'

/** A file that somebody gives for an account. */
export interface GivenFile {
  readonly accountId: number
  readonly name: string
  readonly bytes: Uint8Array
}

/** What came of a file: it is shown, it needs its columns chosen, or nothing is done because it cannot be read as a whole. */
export type Previewed =
  | { readonly kind: 'previewed' | 'columns'; readonly importId: number }
  | { readonly kind: 'problems'; readonly problems: readonly StatementProblem[]; readonly importId?: number }

const batchSize = 5000

/**
 * Reads a file and works out what importing it would do; nothing is imported yet. The same file again is the preview that waits already. A CSV
 * of an account whose columns nobody has confirmed waits for that.
 */
export async function previewFile(tx: Tx, { accountId, name, bytes }: GivenFile, confirmed = false): Promise<Previewed> {
  // two of one file at once: the second sees what the first did
  await tx.execute(sql`SELECT FROM bank_account WHERE id = ${accountId} FOR NO KEY UPDATE`)
  const account = await requireAccount(tx, accountId)
  const hash = createHash('sha256').update(bytes).digest()
  const read = readForAccount(bytes, account)
  const isCsv = 'statement' in read ? read.statement.format === 'csv' : looksLikeCsv(bytes)
  const waiting = await waitingImport(tx, accountId, hash)
  if (isCsv && !account.mapping && !confirmed) {
    return { kind: 'columns', importId: waiting ?? (await addImport(tx, { accountId, name, hash, content: bytes })) }
  }
  if ('problems' in read) {
    if (!isCsv || confirmed) return { kind: 'problems', problems: read.problems }
    return {
      kind: 'problems',
      problems: read.problems,
      importId: waiting ?? (await addImport(tx, { accountId, name, hash, content: bytes })),
    }
  }
  const importId = waiting ?? (await addImport(tx, { accountId, name, hash, ...(isCsv && !confirmed && { content: bytes }) }))
  await writeLines(tx, importId, accountId, read.statement)
  await propose(tx, importId)
  return { kind: 'previewed', importId }
}

/** Keeps how the account's bank writes its CSV, and reads the waiting file by it. With problems, the file goes on waiting. */
export async function chooseColumns(tx: Tx, importId: number, mapping: CsvMapping): Promise<Previewed> {
  const { accountId, state } = await lockImport(tx, importId)
  const { rows } = await tx.execute<{ content: Buffer | null }>(sql`SELECT content FROM bank_import WHERE id = ${importId}`)
  const content = rows[0]?.content
  if (!content || (state !== 'uploaded' && state !== 'previewed'))
    throw new CoinError('refused', 'This file does not wait for its columns any more.', { hint: 'Upload it again.' })
  const account: FileAccount = { ...(await requireAccount(tx, accountId)), mapping }
  const read = readForAccount(content, account)
  if ('problems' in read) return { kind: 'problems', problems: read.problems, importId }
  await tx.execute(sql`UPDATE bank_account SET mapping = ${JSON.stringify(mapping)}::jsonb WHERE id = ${accountId}`)
  await writeLines(tx, importId, accountId, read.statement)
  await propose(tx, importId)
  return { kind: 'previewed', importId }
}

const looksLikeCsv = (bytes: Uint8Array) =>
  !/^[\s\ufeff\u00ef\u00bb\u00bf]*<|OFXHEADER|^PK|^%PDF/.test(Buffer.from(bytes.subarray(0, 400)).toString('latin1')) && bytes.length > 0

async function waitingImport(tx: Tx, accountId: number, hash: Buffer): Promise<number | undefined> {
  const { rows } = await tx.execute<{ id: number }>(
    sql`SELECT id FROM bank_import WHERE account_id = ${accountId} AND hash = ${hash} AND state IN ('uploaded', 'previewed') ORDER BY id DESC LIMIT 1 FOR UPDATE`,
  )
  return rows[0]?.id
}

async function addImport(
  tx: Tx,
  given: { readonly accountId: number; readonly name: string; readonly hash: Buffer; readonly content?: Uint8Array },
): Promise<number> {
  const content = given.content ? Buffer.from(given.content) : null
  const { rows } = await tx.execute<{ id: number }>(sql`
    INSERT INTO bank_import (account_id, file_name, hash, state, content, previewed_by)
    VALUES (${given.accountId}, ${given.name.slice(0, 200)}, ${given.hash}, 'uploaded', ${content}, ${currentScope().actor.label}) RETURNING id`)
  return (rows[0] as { id: number }).id
}

/** Puts the lines of a statement in the place of those that were read before. Lines of zero move no money and are left out. */
async function writeLines(tx: Tx, importId: number, accountId: number, { format, from, until, account, lines }: Statement): Promise<void> {
  await tx.execute(sql`DELETE FROM bank_line WHERE import_id = ${importId} AND state = 'proposed'`)
  const moved = lines.filter(({ amount }) => Number(amount) !== 0)
  const counts = JSON.stringify({ lines: lines.length, zero: lines.length - moved.length })
  await tx.execute(sql`
    UPDATE bank_import SET state = 'previewed', format = ${format}, from_on = ${from ?? null}, until_on = ${until ?? null}, counts = ${counts}::jsonb WHERE id = ${importId}`)
  if (account?.other) await tx.execute(sql`UPDATE bank_account SET known_as = ${account.other} WHERE id = ${accountId} AND known_as = ''`)
  for (let start = 0; start < moved.length; start += batchSize) {
    const rows = moved.slice(start, start + batchSize).map((line, index) => toRow(line, start + index + 1))
    await tx.execute(sql`
      INSERT INTO bank_line (import_id, account_id, position, file_line, fingerprint, booked_on, value_on, amount, currency, label, counterparty_name, counterparty_iban,
        end_to_end_id, structured_reference, mandate_id, bank_reference, return_reason, is_return)
      SELECT ${importId}, ${accountId}, n, line, decode(fp, 'hex'), day, value, amount, currency, label, name, iban, e2e, ref, mandate, bank, code, back
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (n int, line int, fp text, day date, value date, amount numeric, currency text, label text, name text, iban text,
        e2e text, ref text, mandate text, bank text, code text, back boolean)`)
  }
  // what the planner believes of a table that has just grown decides between seconds and hours
  if (moved.length > 1000) await tx.execute(sql`ANALYZE bank_line`)
}

const toRow = (line: StatementLine, n: number) => ({
  n,
  line: line.source.line,
  fp: line.fingerprint,
  day: line.bookedOn,
  value: line.valueOn,
  amount: line.amount,
  currency: line.currency,
  label: line.label,
  name: line.counterpartyName,
  iban: line.counterpartyIban,
  e2e: line.endToEndId,
  ref: line.structuredReference,
  mandate: line.mandateId,
  bank: line.bankReference,
  code: line.returnReason,
  back: line.isReturn,
})

import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { matchCollected } from '../sepa/match-collected.ts'
import { type Candidate, candidateFinder, labelKey, nameKey, namesIn } from './keys.ts'
import { matchByName, proposeByTexts } from './match.ts'
import { matchReturns } from './match-returns.ts'
import { loadShapes } from './shapes.ts'

const batchSize = 5_000

interface TextRow extends Record<string, unknown> {
  readonly id: number
  readonly position: number
  readonly label: string
  readonly name: string | null
  readonly endToEndId: string | null
  readonly structuredReference: string | null
}

/**
 * Works out what would become of each line of an import that is shown: known already, whose payment and why, ignored, or left to a person.
 * A constant number of statements per five thousand lines. Returns the digest of it all: the same digest is the same payments.
 */
export async function propose(tx: Tx, importId: number): Promise<string> {
  const candidatesOf = candidateFinder(await loadShapes(tx))
  let settled = 0
  for (let after = 0; ; ) {
    const { rows } = await tx.execute<TextRow>(sql`
      SELECT id, position, label, counterparty_name AS name, end_to_end_id AS "endToEndId", structured_reference AS "structuredReference"
      FROM bank_line WHERE import_id = ${importId} AND position > ${after} AND state = 'proposed' ORDER BY position LIMIT ${batchSize}`)
    const last = rows.at(-1)
    if (!last) break
    const span = { importId, after, last: last.position }
    const open = await proposeByTexts(
      tx,
      span,
      rows.flatMap(row => candidateRows(row, candidatesOf)),
      rows.map(textsOf),
    )
    const names = rows.filter(({ id }) => open.has(id)).flatMap(namesOf)
    if (names.length > 0) await matchByName(tx, names)
    after = last.position
    settled = last.position
  }
  // as after the lines were written: the planner must know that outcomes are there
  if (settled > 1000) await tx.execute(sql`ANALYZE bank_line`)
  await matchReturns(tx, importId)
  await matchCollected(tx, importId)
  await keepFirstByName(tx, importId)
  return digestOf(tx, importId)
}

const candidateRows = (row: TextRow, candidatesOf: (texts: readonly (string | null)[]) => Candidate[]) =>
  candidatesOf([row.label, row.structuredReference, row.endToEndId]).map(candidate => ({ line: row.id, ...candidate }))

const textsOf = ({ id, name, label }: TextRow) => ({ line: id, name: name ? nameKey(name) : '', words: labelKey(label) })

/** The names to look for: the payer's if the bank says it, else those that the label may hold. */
function namesOf({ id, name, label }: TextRow): { line: number; key: string }[] {
  const keys = name ? [nameKey(name)] : namesIn(label)
  return keys.filter(key => key.length >= 3).map(key => ({ line: id, key }))
}

/** Of lines that would pay the same thing by name and amount alone, the first does: a second one is for a person to judge. */
async function keepFirstByName(tx: Tx, importId: number): Promise<void> {
  await tx.execute(sql`
    UPDATE bank_line l SET outcome = 'none', member_id = NULL, invoice_id = NULL, confidence = NULL,
      reason = l.reason || jsonb_build_object('fits', 'nothing', 'members', jsonb_build_array(l.member_id))
    FROM (SELECT id, row_number() OVER (PARTITION BY member_id, amount ORDER BY position) AS n FROM bank_line
      WHERE import_id = ${importId} AND outcome = 'match' AND reason ->> 'by' = 'name') d
    WHERE l.id = d.id AND d.n > 1`)
}

async function digestOf(tx: Tx, importId: number): Promise<string> {
  const { rows } = await tx.execute<{ digest: string }>(sql`
    UPDATE bank_import SET digest = (
      SELECT encode(sha256(convert_to(coalesce(string_agg(format('%s|%s|%s|%s|%s', position, outcome, member_id, invoice_id, reverses_id), E'\n' ORDER BY position), ''), 'UTF8')), 'hex')
      FROM bank_line WHERE import_id = ${importId})
    WHERE id = ${importId} RETURNING digest`)
  return rows[0]?.digest ?? ''
}

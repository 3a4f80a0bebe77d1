import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import type { StatementProblem } from '../statement/statement.ts'
import { readPain002, type StatusReport } from './read-pain002.ts'
import { returnCollection } from './returns.ts'

/** What came of a bank's answer. */
export type Reported =
  | { readonly problems: readonly StatementProblem[] }
  | {
      /** Refused now, refused before, accepted, and not ours. */
      readonly returned: number
      readonly known: number
      readonly accepted: number
      readonly unknown: number
    }

interface Refused {
  readonly id: string
  readonly code: string
}

/** Takes a bank's answer (pain.002) to a file: what it refuses is returned. The same answer again changes nothing. */
export async function applyReport(tx: Tx, bytes: Uint8Array): Promise<Reported> {
  const read = readPain002(bytes)
  if ('problems' in read) return read
  const { report } = read
  const refused = [...refusedOnes(report), ...(await refusedWhole(tx, report))]
  const codes = new Map(refused.map(({ id, code }) => [id.toUpperCase(), code]))
  const { rows } = await tx.execute<{ id: number; endToEndId: string; state: string }>(sql`
    SELECT id, end_to_end_id AS "endToEndId", state FROM sepa_collection WHERE end_to_end_id = ANY (${sql.param([...codes.keys()])}::text[]) ORDER BY member_id`)
  const open = rows.filter(({ state }) => state !== 'returned')
  for (const { id, endToEndId } of open) await returnCollection(tx, id, { code: codes.get(endToEndId) ?? '' })
  return {
    returned: open.length,
    known: rows.length - open.length,
    accepted: report.transactions.filter(({ status }) => status !== 'RJCT').length,
    unknown: codes.size - rows.length,
  }
}

const refusedOnes = ({ transactions }: StatusReport): Refused[] =>
  transactions.flatMap(({ status, endToEndId, reason = '' }) => (status === 'RJCT' && endToEndId ? [{ id: endToEndId, code: reason }] : []))

/** Of a block or a file that the bank refuses as a whole, without a word on each. */
async function refusedWhole(tx: Tx, report: StatusReport): Promise<Refused[]> {
  const { payments, transactions, groupStatus, groupReason = '', originalMessageId = '' } = report
  const blocks = payments.filter(
    ({ status, paymentInformationId }) =>
      status === 'RJCT' && transactions.every(each => each.paymentInformationId !== paymentInformationId),
  )
  const whole =
    groupStatus === 'RJCT' && transactions.length === 0 && blocks.length === 0 ? [{ id: originalMessageId, code: groupReason }] : []
  const named = [...blocks.map(({ paymentInformationId = '', reason = '' }) => ({ id: paymentInformationId, code: reason })), ...whole]
  if (named.length === 0) return []
  const { rows } = await tx.execute<{ id: string; code: string } & Record<string, unknown>>(sql`
    SELECT c.end_to_end_id AS id, n.code FROM jsonb_to_recordset(${JSON.stringify(named)}::jsonb) AS n (id text, code text)
    JOIN sepa_batch b ON n.id IN (b.message_id, b.message_id || '-FRST', b.message_id || '-RCUR', b.message_id || '-OOFF')
    JOIN sepa_collection c ON c.batch_id = b.id AND (n.id = b.message_id OR n.id = b.message_id || '-' || c.sequence)
    WHERE c.state IN ('pending', 'collected', 'returned')`)
  return rows
}

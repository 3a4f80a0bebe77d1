import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { candidateFinder, fold, nameKey, namesIn } from './keys.ts'
import { loadShapes } from './shapes.ts'

/** Why a member is suggested, the strongest first. */
export type SuggestedBy = 'reference' | 'iban' | 'rule' | 'name' | 'similar' | 'amount'

/** A member whom a line may be of. */
export interface Suggestion extends Record<string, unknown> {
  readonly line: number
  readonly memberId: number
  readonly name: string
  readonly why: readonly SuggestedBy[]
  /** What they owe, in the line's currency; below zero in credit. */
  readonly owed: string
  /** The open invoice of just this amount, or the one that was named. */
  readonly invoiceId: number | null
  readonly invoiceNumber: string | null
}

/** A line to find members for. */
export interface Puzzle {
  readonly id: number
  readonly label: string
  readonly name: string | null
}

/** At most five members for each line, the likeliest first. A constant number of statements. */
export async function suggestMembers(db: Tx, lines: readonly Puzzle[]): Promise<ReadonlyMap<number, readonly Suggestion[]>> {
  if (lines.length === 0) return new Map()
  const candidatesOf = candidateFinder(await loadShapes(db))
  const said = lines.flatMap(({ id, label }) => candidatesOf([label]).map(candidate => ({ line: id, ...candidate })))
  const names = lines.flatMap(({ id, label, name }) =>
    [...(name ? [nameKey(name)] : []), ...namesIn(label)].map(key => ({ line: id, key })),
  )
  const words = lines.flatMap(({ id, label, name }) => longWords(name ?? label).map(word => ({ line: id, word })))
  const { rows } = await db.execute<Suggestion>(sql`
    WITH line AS MATERIALIZED (SELECT id, amount, currency, counterparty_iban AS iban, label FROM bank_line
      WHERE id = ANY (${sql.param(lines.map(({ id }) => id))}::bigint[])),
    said AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(${JSON.stringify(said)}::jsonb) AS c (line bigint, key text, series text, month date, sequence int)),
    named AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(${JSON.stringify(names)}::jsonb) AS c (line bigint, key text)),
    word AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(${JSON.stringify(words)}::jsonb) AS c (line bigint, word text)),
    hint AS (
      SELECT c.line, s.member_id, 'reference' AS why, NULL::bigint AS invoice_id FROM said c JOIN subscription s ON coin.reference_key(s.reference) = c.key WHERE c.series IS NULL
      UNION ALL SELECT c.line, i.member_id, 'reference', CASE WHEN i.kind <> 'credit_note' AND i.allocated <> i.total THEN i.id END FROM said c
        JOIN invoice i ON i.series = c.series AND i.month = c.month AND i.sequence = c.sequence AND i.state = 'issued'
      UNION ALL SELECT l.id, p.member_id, 'iban', NULL FROM line l JOIN payer_iban p ON p.iban = l.iban
      UNION ALL SELECT n.line, r.member_id, 'rule', NULL FROM named n JOIN bank_rule r ON r.kind = 'name' AND r.value = n.key AND r.member_id IS NOT NULL
      UNION ALL SELECT n.line, m.id, 'name', NULL FROM named n JOIN member m ON coin.name_key(m.display_name) = n.key
      UNION ALL SELECT w.line, s.id, 'similar', NULL FROM word w CROSS JOIN LATERAL (
        SELECT member.id FROM member WHERE coin.fold(member.display_name || ' ' || member.nickname || ' ' || member.username || ' ' || member.email) LIKE '%' || w.word || '%'
          AND coin.fold(member.last_name) = w.word ORDER BY member.id LIMIT 3) s
      UNION ALL SELECT l.id, s.member_id, 'amount', s.id FROM line l JOIN (
        SELECT i.currency, i.total - i.allocated AS amount, unnest(array_agg(i.id)) AS id, unnest(array_agg(i.member_id)) AS member_id FROM invoice i
        WHERE i.state = 'issued' AND i.allocated <> i.total AND i.total > 0 AND (i.total - i.allocated) IN (SELECT amount FROM line) GROUP BY 1, 2 HAVING count(*) <= 5) s
        ON s.amount = l.amount AND s.currency = l.currency),
    weighed AS (
      SELECT line, member_id, array_agg(DISTINCT why) AS why, min(invoice_id) AS invoice_id,
        sum(DISTINCT CASE why WHEN 'reference' THEN 64 WHEN 'iban' THEN 32 WHEN 'rule' THEN 16 WHEN 'name' THEN 8 WHEN 'similar' THEN 2 ELSE 3 END) AS weight
      FROM hint GROUP BY line, member_id),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY line ORDER BY weight DESC, member_id) AS n FROM weighed)
    SELECT r.line, r.member_id AS "memberId", m.display_name AS name, r.why, coalesce(b.owed, 0)::text AS owed, coalesce(r.invoice_id, i.id) AS "invoiceId",
      coalesce((SELECT number FROM invoice WHERE id = r.invoice_id), i.number) AS "invoiceNumber"
    FROM ranked r JOIN line l ON l.id = r.line JOIN member m ON m.id = r.member_id
    LEFT JOIN LATERAL (SELECT owed FROM member_balance b WHERE b.member_id = r.member_id AND b.currency = l.currency) b ON true
    LEFT JOIN LATERAL (SELECT i.id, i.number FROM invoice i WHERE i.member_id = r.member_id AND i.state = 'issued' AND i.allocated <> i.total AND i.total - i.allocated = l.amount
      AND i.currency = l.currency ORDER BY i.issued_on, i.id LIMIT 1) i ON true
    WHERE r.n <= 5 ORDER BY r.line, r.n`)
  return Map.groupBy(rows, ({ line }) => line)
}

/** Words that may be a last name. */
const longWords = (text: string): string[] => [...new Set(fold(text).match(/[a-z]{3,}/g))].slice(0, 12)

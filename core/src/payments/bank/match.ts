import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import type { Candidate } from './keys.ts'

/** Some lines of an import, by their position: after the first number, up to the second. */
export interface Span {
  readonly importId: number
  readonly after: number
  readonly last: number
}

const candidateColumns = { line: 'bigint', key: 'text', series: 'text', month: 'date', sequence: 'int' } as const
const textColumns = { line: 'bigint', name: 'text', words: 'text' } as const
const nameColumns = { line: 'bigint', key: 'text' } as const

/** Rows as arrays: the planner knows how many there are, which it does not of JSON. */
function columnsOf<K extends string>(rows: readonly { readonly [column in K]?: unknown }[], types: Readonly<Record<K, string>>) {
  const arrays = (Object.entries(types) as [K, string][]).map(
    ([name, type]) => sql`${sql.param(rows.map(row => row[name] ?? null))}::${sql.raw(type)}[]`,
  )
  return sql`unnest(${sql.join(arrays, sql`, `)})`
}

// OFFSET 0: each key is looked up in its index. Joined, the planner would work out the keys of all there are for each batch.

/**
 * Matches lines by what is written on them: references, then the payer's IBAN, then rules that staff confirmed. Whatever points to two members
 * is left to a person. Returns the lines that nothing was found for and that may be matched by name.
 */
export async function proposeByTexts(
  tx: Tx,
  { importId, after, last }: Span,
  candidates: readonly (Candidate & { readonly line: number })[],
  texts: readonly { readonly line: number; readonly name: string; readonly words: string }[],
): Promise<ReadonlySet<number>> {
  await tx.execute(sql`
    WITH said AS MATERIALIZED (
      SELECT * FROM ${columnsOf(candidates, candidateColumns)} AS c (line, key, series, month, sequence)),
    line AS MATERIALIZED (
      SELECT l.id, l.account_id, l.fingerprint, l.amount, l.currency, l.is_return, l.counterparty_iban AS iban, t.name, ' ' || t.words || ' ' AS label,
        l.amount > 0 AND NOT l.is_return AS payable
      FROM bank_line l JOIN ${columnsOf(texts, textColumns)} AS t (line, name, words) ON t.line = l.id
      WHERE l.import_id = ${importId} AND l.position > ${after} AND l.position <= ${last}),
    known AS (
      SELECT l.id FROM line l JOIN bank_line o ON o.account_id = l.account_id AND o.fingerprint = l.fingerprint AND o.state IN ('matched', 'unmatched', 'ignored')),
    hit AS MATERIALIZED (
      SELECT c.line, s.member_id, s.reference AS said, NULL::bigint AS invoice_id, NULL::text AS currency, false AS open, NULL::date AS day
      FROM said c CROSS JOIN LATERAL (SELECT * FROM subscription s WHERE coin.reference_key(s.reference) = c.key OFFSET 0) s WHERE c.series IS NULL
      UNION ALL SELECT c.line, i.member_id, i.number, CASE WHEN i.kind <> 'credit_note' THEN i.id END, i.currency, i.allocated <> i.total, i.issued_on
      FROM said c CROSS JOIN LATERAL (SELECT * FROM invoice i WHERE i.series = c.series AND i.month = c.month AND i.sequence = c.sequence
        AND i.state = 'issued' AND coin.reference_key(i.number) = c.key OFFSET 0) i WHERE c.series IS NOT NULL),
    by_reference AS (
      SELECT h.line, min(h.member_id) AS member_id, array_agg(DISTINCT h.member_id) AS members, jsonb_agg(DISTINCT h.said) AS said,
        (array_agg(h.invoice_id ORDER BY h.open DESC, h.day, h.invoice_id) FILTER (WHERE h.invoice_id IS NOT NULL AND h.currency = l.currency))[1] AS invoice_id
      FROM hit h JOIN line l ON l.id = h.line AND l.payable GROUP BY h.line),
    by_iban AS (
      SELECT l.id AS line, min(p.member_id) AS member_id, array_agg(DISTINCT p.member_id) AS members, min(p.source) AS source, min(p.iban) AS value, min(p.rule_id) AS rule
      FROM line l JOIN payer_iban p ON p.iban = l.iban WHERE l.payable GROUP BY l.id),
    ruled AS (
      -- a name that another member bears is nobody's alone
      SELECT l.id AS line, r.kind, r.value, b.member_id, r.id AS rule FROM line l JOIN bank_rule r ON r.kind = 'name' AND r.value = l.name AND r.member_id IS NOT NULL
      CROSS JOIN LATERAL (SELECT r.member_id UNION SELECT m.id FROM member m WHERE coin.name_key(m.display_name) = r.value) b WHERE l.payable
      UNION ALL SELECT l.id, r.kind, r.value, r.member_id, r.id FROM line l JOIN bank_rule r ON r.kind = 'label' AND r.member_id IS NOT NULL AND strpos(l.label, ' ' || r.value || ' ') > 0
      WHERE l.payable),
    by_rule AS (
      SELECT DISTINCT ON (line) * FROM (
        SELECT line, kind, value, min(member_id) AS member_id, array_agg(DISTINCT member_id) AS members, min(rule) AS rule FROM ruled GROUP BY line, kind, value) r
      ORDER BY line, kind = 'name' DESC, length(value) DESC, value),
    aside AS (
      SELECT DISTINCT ON (line) line, text, rule FROM (
        SELECT l.id AS line, coalesce(nullif(r.reason, ''), r.value) AS text, r.id AS rule FROM line l JOIN bank_rule r ON r.kind = 'iban' AND r.value = l.iban AND r.member_id IS NULL
        UNION ALL SELECT l.id, coalesce(nullif(r.reason, ''), r.value), r.id FROM line l JOIN bank_rule r ON r.kind = 'name' AND r.value = l.name AND r.member_id IS NULL
        UNION ALL SELECT l.id, coalesce(nullif(r.reason, ''), r.value), r.id FROM line l JOIN bank_rule r ON r.kind = 'label' AND r.member_id IS NULL AND strpos(l.label, ' ' || r.value || ' ') > 0) a
      ORDER BY line, rule),
    found AS (
      SELECT l.id,
        CASE WHEN k.id IS NOT NULL THEN 'known' WHEN cardinality(coalesce(f.members, b.members, r.members)) = 1 THEN 'match'
          WHEN coalesce(f.members, b.members, r.members) IS NOT NULL THEN 'none' WHEN a.line IS NOT NULL THEN 'ignore'
          WHEN l.amount < 0 AND NOT l.is_return AND c.ignores_out THEN 'ignore' ELSE 'none' END AS outcome,
        coalesce(f.members, b.members, r.members) AS members,
        f.invoice_id,
        CASE WHEN f.line IS NOT NULL THEN jsonb_build_object('by', 'reference', 'said', f.said)
          WHEN b.line IS NOT NULL THEN jsonb_build_object('by', 'iban', 'source', b.source, 'value', b.value, 'rule', b.rule)
          WHEN r.line IS NOT NULL THEN jsonb_build_object('by', 'rule', 'kind', r.kind, 'value', r.value, 'rule', r.rule)
          WHEN a.line IS NOT NULL THEN jsonb_build_object('by', 'ignored', 'text', a.text, 'rule', a.rule)
          WHEN l.amount < 0 AND NOT l.is_return AND c.ignores_out THEN '{"by": "out"}' ELSE '{}' END AS reason,
        CASE WHEN f.line IS NOT NULL THEN 100 WHEN b.line IS NOT NULL THEN 95 WHEN r.line IS NOT NULL THEN 90 END AS confidence
      FROM line l JOIN bank_account c ON c.id = l.account_id
      LEFT JOIN known k ON k.id = l.id LEFT JOIN by_reference f ON f.line = l.id LEFT JOIN by_iban b ON b.line = l.id LEFT JOIN by_rule r ON r.line = l.id
      LEFT JOIN aside a ON a.line = l.id),
    settled AS (
      SELECT id, outcome, CASE WHEN outcome = 'match' THEN members[1] END AS member_id, CASE WHEN outcome = 'match' THEN invoice_id END AS invoice_id,
        CASE WHEN outcome = 'known' THEN '{}' WHEN cardinality(members) > 1 THEN reason || jsonb_build_object('members', members) ELSE reason END AS reason,
        CASE WHEN outcome = 'match' THEN confidence END::smallint AS confidence FROM found)
    UPDATE bank_line l SET outcome = s.outcome, member_id = s.member_id, invoice_id = s.invoice_id, reverses_id = NULL, reason = s.reason, confidence = s.confidence
    FROM settled s WHERE l.id = s.id
      AND (l.outcome, l.member_id, l.invoice_id, l.reverses_id, l.reason) IS DISTINCT FROM (s.outcome, s.member_id, s.invoice_id, NULL::bigint, s.reason)`)
  const { rows } = await tx.execute<{ id: number }>(sql`
    SELECT id FROM bank_line WHERE import_id = ${importId} AND position > ${after} AND position <= ${last} AND outcome = 'none' AND reason = '{}'
      AND amount > 0 AND NOT is_return`)
  return new Set(rows.map(({ id }) => id))
}

/** Matches lines whose payer's name is one member's alone, and whose amount is what is open of an invoice of theirs, or all they owe. */
export async function matchByName(tx: Tx, names: readonly { readonly line: number; readonly key: string }[]): Promise<void> {
  await tx.execute(sql`
    WITH named AS MATERIALIZED (SELECT * FROM ${columnsOf(names, nameColumns)} AS c (line, key)),
    bearer AS (
      SELECT n.line, array_agg(DISTINCT m.id) AS members, min(m.display_name) AS name FROM named n
      CROSS JOIN LATERAL (SELECT m.id, m.display_name FROM member m WHERE coin.name_key(m.display_name) = n.key OFFSET 0) m GROUP BY n.line),
    found AS (
      SELECT b.line, b.members, b.name, i.id AS invoice_id, i.number, o.owed IS NOT NULL AS balance FROM bearer b JOIN bank_line l ON l.id = b.line
      LEFT JOIN LATERAL (SELECT i.id, i.number FROM invoice i WHERE cardinality(b.members) = 1 AND i.member_id = b.members[1] AND i.state = 'issued' AND i.allocated <> i.total
        AND i.total - i.allocated = l.amount AND i.currency = l.currency AND i.disputed_on IS NULL ORDER BY i.issued_on, i.id LIMIT 1) i ON true
      LEFT JOIN LATERAL (SELECT o.owed FROM member_balance o WHERE cardinality(b.members) = 1 AND o.member_id = b.members[1] AND o.currency = l.currency AND o.owed = l.amount) o ON true)
    UPDATE bank_line l SET outcome = CASE WHEN f.fits THEN 'match' ELSE 'none' END, member_id = CASE WHEN f.fits THEN f.members[1] END, invoice_id = f.invoice_id,
      confidence = CASE WHEN f.fits THEN 80 END,
      reason = jsonb_build_object('by', 'name', 'name', f.name, 'number', f.number, 'fits', CASE WHEN f.invoice_id IS NOT NULL THEN 'invoice' WHEN f.balance THEN 'balance' ELSE 'nothing' END)
        || CASE WHEN f.fits THEN '{}' ELSE jsonb_build_object('members', f.members) END
    FROM (SELECT *, invoice_id IS NOT NULL OR balance AS fits FROM found) f WHERE l.id = f.line`)
}

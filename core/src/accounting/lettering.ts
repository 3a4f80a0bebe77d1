import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { Period } from './period.ts'

/** An allocation, between two of a member's documents: what is used of it, and what it covers. */
interface Link extends Record<string, unknown> {
  readonly id: number
  readonly sourceA: 0 | 1
  readonly idA: number
  readonly dayA: string
  readonly openA: boolean
  readonly sourceB: 0 | 1
  readonly idB: number
  readonly dayB: string
  readonly openB: boolean
}

/** A document of the ledger: `source` 0 an invoice, 1 a payment. */
interface Document {
  readonly source: 0 | 1
  readonly id: number
  readonly day: string
  readonly open: boolean
}

interface Letter {
  readonly source: 0 | 1
  readonly id: number
  readonly letter: string
  /** The day on which the last of them came. */
  readonly day: string
}

/**
 * Letters what covers each other (lettrage): invoices and payments that allocations tie together and that add up to nothing bear the same letters, which
 * stay as long as nothing joins them. What is still open on the last day of the period bears none. Written to `accounting_letter`, which lasts
 * as long as the transaction. Two statements for some thousand members.
 */
export async function letter(tx: Tx, period: Period, size = 2000): Promise<void> {
  await tx.execute(
    sql`CREATE TEMPORARY TABLE accounting_letter (source int, id bigint, letter text NOT NULL, day date NOT NULL, PRIMARY KEY (source, id)) ON COMMIT DROP`,
  )
  for (let after = 0; ; ) {
    const { upto, links } = await linksOf(tx, after, size)
    if (upto === null) return
    const letters = lettersOf(links, period)
    await tx.execute(
      sql`INSERT INTO accounting_letter SELECT * FROM jsonb_to_recordset(${JSON.stringify(letters)}::jsonb) AS l (source int, id bigint, letter text, day date)`,
    )
    after = upto
  }
}

async function linksOf(tx: Tx, after: number, size: number): Promise<{ upto: number | null; links: readonly Link[] }> {
  const { rows } = await tx.execute<{ upto: number | null; links: readonly Link[] }>(sql`
    WITH these AS MATERIALIZED (SELECT id FROM member WHERE id > ${after} ORDER BY id LIMIT ${size}::int),
    link AS (
      SELECT a.id, 1 AS "sourceA", p.id AS "idA", p.received_on AS "dayA", p.allocated <> p.amount AS "openA", a.to_invoice, a.to_payment
      FROM these s JOIN payment p ON p.member_id = s.id JOIN payment_allocation a ON a.from_payment = p.id
      UNION ALL
      SELECT a.id, 0, n.id, n.issued_on, n.allocated <> n.total, a.to_invoice, a.to_payment
      FROM these s JOIN invoice n ON n.member_id = s.id JOIN payment_allocation a ON a.from_credit_note = n.id WHERE n.kind = 'credit_note')
    SELECT (SELECT max(id) FROM these) AS upto, coalesce((SELECT jsonb_agg(e) FROM (
      SELECT l.id, l."sourceA", l."idA", l."dayA", l."openA", CASE WHEN i.id IS NULL THEN 1 ELSE 0 END AS "sourceB", coalesce(i.id, r.id) AS "idB",
        coalesce(i.issued_on, r.received_on) AS "dayB", coalesce(i.allocated <> i.total, r.allocated <> r.amount) AS "openB"
      FROM link l LEFT JOIN invoice i ON i.id = l.to_invoice LEFT JOIN payment r ON r.id = l.to_payment) e), '[]') AS links`)
  return rows[0] ?? { upto: null, links: [] }
}

/** The letters of what is tied together, closed, and in the books by the end of the period. */
export function lettersOf(links: readonly Link[], { from, to }: Period): readonly Letter[] {
  const groupOf = new Map<string, { documents: Map<string, Document>; first: number }>()
  for (const link of links) {
    const [a, b] = [
      { source: link.sourceA, id: link.idA, day: link.dayA, open: link.openA },
      { source: link.sourceB, id: link.idB, day: link.dayB, open: link.openB },
    ]
    const [keyA, keyB] = [keyOf(a), keyOf(b)]
    const groups = [groupOf.get(keyA), groupOf.get(keyB)]
      .flatMap(group => group ?? [])
      .sort((one, other) => other.documents.size - one.documents.size)
    const group = groups[0] ?? { documents: new Map<string, Document>(), first: link.id }
    group.first = Math.min(link.id, ...groups.map(({ first }) => first))
    // the smaller joins the larger
    const joining = groups[1] === group ? [] : (groups[1]?.documents ?? [])
    for (const [key, document] of [...joining, [keyA, a] as const, [keyB, b] as const]) {
      group.documents.set(key, document)
      groupOf.set(key, group)
    }
  }
  return [...new Set(groupOf.values())].flatMap(({ documents, first }) => {
    const all = [...documents.values()]
    const last =
      all
        .map(({ day }) => day)
        .sort()
        .at(-1) ?? ''
    if (last > to || all.some(({ open }) => open)) return []
    return all.flatMap(({ source, id, day }) => (day < from ? [] : [{ source, id, letter: lettersFor(first), day: last }]))
  })
}

const keyOf = ({ source, id }: Document) => `${source} ${id}`

/** 1 is A, 26 is Z, 27 is AA. */
export function lettersFor(number: number): string {
  let [rest, letters] = [number, '']
  while (rest > 0) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
    rest = Math.floor((rest - 1) / 26)
  }
  return letters
}

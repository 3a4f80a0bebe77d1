import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** Drafts that something is about to happen to. */
export interface ChosenDrafts {
  readonly ids: readonly number[]
  /** Changes when one of them does, or when there are others. */
  readonly token: string
  readonly totals: readonly { readonly currency: string; readonly amount: string }[]
  /** The first hundred. */
  readonly shown: readonly Draft[]
  /** How many more were chosen and cannot be issued. */
  readonly unfit: number
}

interface Draft extends Record<string, unknown> {
  readonly id: number
  readonly kind: string
  readonly memberName: string
  readonly currency: string
  readonly total: string
}

/**
 * These drafts, or all of them; to issue, those that can be. What was issued meanwhile is left out. `lock`: nobody changes them until `tx`
 * ends.
 */
export async function chosenDrafts(tx: Tx, which: readonly number[] | 'all', to: 'issue' | 'remove', lock = false): Promise<ChosenDrafts> {
  const wanted = which === 'all' ? sql`true` : sql`i.id = ANY (${sql.param(which)}::bigint[])`
  const issuable = sql`(CASE WHEN kind = 'credit_note' THEN total <= 0 ELSE total >= 0 END) AND EXISTS (SELECT FROM invoice_line l WHERE l.invoice_id = drafts.id)`
  const { rows } = await tx.execute<{
    ids: number[] | null
    token: string
    totals: ChosenDrafts['totals'] | null
    shown: Draft[] | null
    unfit: number
  }>(sql`
    WITH drafts AS MATERIALIZED (
      SELECT i.id, i.version, i.kind, i.currency, i.total, i.member_id FROM invoice i WHERE i.state = 'draft' AND ${wanted} ORDER BY i.id ${lock ? sql`FOR UPDATE` : sql``}),
    fit AS (SELECT * FROM drafts WHERE ${to === 'issue' ? issuable : sql`true`})
    SELECT (SELECT jsonb_agg(id ORDER BY id) FROM fit) AS ids,
      md5(coalesce((SELECT string_agg(id || ':' || version, ',' ORDER BY id) FROM fit), '')) AS token,
      (SELECT jsonb_agg(jsonb_build_object('currency', currency, 'amount', amount::text)) FROM (SELECT currency, sum(total) AS amount FROM fit GROUP BY 1 ORDER BY 1) s) AS totals,
      (SELECT jsonb_agg(jsonb_build_object('id', f.id, 'kind', f.kind, 'currency', f.currency, 'total', f.total::text, 'memberName', m.display_name) ORDER BY f.id)
        FROM (SELECT * FROM fit ORDER BY id LIMIT 100) f JOIN member m ON m.id = f.member_id) AS shown,
      ((SELECT count(*) FROM drafts) - (SELECT count(*) FROM fit))::int AS unfit`)
  const row = rows[0]
  return { ids: row?.ids ?? [], token: row?.token ?? '', totals: row?.totals ?? [], shown: row?.shown ?? [], unfit: row?.unfit ?? 0 }
}

/** Removes locked drafts. What they billed of subscriptions is due again. */
export const removeDrafts = (tx: Tx, ids: readonly number[]) =>
  tx.execute(sql`DELETE FROM invoice WHERE state = 'draft' AND id = ANY (${sql.param(ids)}::bigint[])`)

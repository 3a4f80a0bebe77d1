import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { enqueue } from '../jobs/enqueue.ts'

/** `waiting`: not tried yet. `failed`: tried, and either tried again later or waiting for a person. */
export type MailState = 'waiting' | 'failed' | 'sent'
export const mailStates: readonly MailState[] = ['failed', 'waiting', 'sent']

export interface ListedMail {
  readonly id: number
  readonly state: MailState
  readonly recipient: string
  readonly subject: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly sentAt: string | null
  readonly attempts: number
  readonly error: string | null
  /** Null when it is not tried again by itself. */
  readonly nextAttemptAt: string | null
  readonly encrypted: boolean
  readonly attachments: number
  readonly aboutKind: string | null
  readonly aboutId: number | null
}

export interface ShownMail extends Omit<ListedMail, 'attachments'> {
  readonly secret: boolean
  /** Null when it is secret: it holds a token or a password. */
  readonly text: string | null
  readonly attachments: readonly { readonly name: string; readonly size: number }[]
}

const failed = sql`sent_at IS NULL AND error IS NOT NULL`
const whereState: Readonly<Record<MailState, SQL>> = {
  failed,
  waiting: sql`sent_at IS NULL AND error IS NULL`,
  sent: sql`sent_at IS NOT NULL`,
}

const columns = sql`id, CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN error IS NULL THEN 'waiting' ELSE 'failed' END AS state, recipient, subject,
  to_json(created_at) #>> '{}' AS "createdAt", to_json(sent_at) #>> '{}' AS "sentAt", attempts, error,
  CASE WHEN sent_at IS NULL AND isfinite(next_attempt_at) THEN to_json(next_attempt_at) #>> '{}' END AS "nextAttemptAt",
  openpgp_key <> '' AS encrypted, about_kind AS "aboutKind", about_id AS "aboutId"`

export interface MailFilter {
  readonly state?: MailState | undefined
  readonly about?: { readonly kind: string; readonly id: number } | undefined
  /** Those written before the mail with this id. */
  readonly before?: number | undefined
}

/** The mails, newest first, without their texts; `more` when there are others after them. */
export async function mailsFor(
  db: Tx,
  { state, about, before }: MailFilter,
  limit: number,
): Promise<{ rows: ListedMail[]; more: boolean }> {
  const conditions = [
    state && whereState[state],
    about && sql`about_kind = ${about.kind} AND about_id = ${about.id}`,
    before !== undefined && sql`id < ${before}`,
  ].filter(condition => condition !== undefined && condition !== false)
  const { rows } = await db.execute<ListedMail & Record<string, unknown>>(sql`
    SELECT ${columns}, (SELECT count(*)::int FROM coin.mail_attachment a WHERE a.mail_id = mail.id) AS attachments
    FROM coin.mail WHERE ${conditions.length > 0 ? sql.join(conditions, sql` AND `) : sql`true`} ORDER BY id DESC LIMIT ${limit + 1}`)
  return { rows: rows.slice(0, limit), more: rows.length > limit }
}

/** How many mails failed, and how many wait. */
export async function mailCounts(db: Tx): Promise<{ readonly failed: number; readonly waiting: number }> {
  const { rows } = await db.execute<{ failed: number; waiting: number }>(sql`
    SELECT count(*) FILTER (WHERE error IS NOT NULL)::int AS failed, count(*) FILTER (WHERE error IS NULL)::int AS waiting FROM coin.mail WHERE sent_at IS NULL`)
  return rows[0] ?? { failed: 0, waiting: 0 }
}

/** One mail as staff may see it; undefined when there is none. */
export async function shownMail(db: Tx, id: number): Promise<ShownMail | undefined> {
  const { rows } = await db.execute<ShownMail & Record<string, unknown>>(sql`
    SELECT ${columns}, secret, CASE WHEN NOT secret THEN body END AS text,
      coalesce((SELECT json_agg(json_build_object('name', a.name, 'size', f.size) ORDER BY position)
        FROM coin.mail_attachment a JOIN coin.file f ON f.hash = a.hash WHERE a.mail_id = mail.id), '[]') AS attachments
    FROM coin.mail WHERE id = ${id}`)
  return rows[0]
}

/**
 * Has mails that failed tried again now: one of them, or all. Those to be encrypted take the key that the member with their address has by
 * now, when there is one. Those that are being tried at this moment are left alone. Returns how many.
 */
export async function retryMails(tx: Tx, id?: number): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    UPDATE coin.mail SET error = NULL, attempts = 0, next_attempt_at = clock_timestamp(),
      openpgp_key = CASE WHEN openpgp_key = '' THEN '' ELSE coalesce(
        (SELECT min(m.openpgp_key) FROM member m WHERE lower(m.email) = lower(recipient) AND m.openpgp_key <> '' HAVING count(DISTINCT m.openpgp_key) = 1), openpgp_key) END
    WHERE id IN (SELECT id FROM coin.mail WHERE ${failed} AND ${id === undefined ? sql`true` : sql`id = ${id}`} FOR UPDATE SKIP LOCKED)`)
  const count = rowCount ?? 0
  if (count === 0 && id !== undefined)
    throw new CoinError('conflict', 'This mail is sent, or is being tried already.', { hint: 'Look at it as it is now.' })
  if (count > 0) await enqueue(tx, 'system:deliver_mail', {})
  return count
}

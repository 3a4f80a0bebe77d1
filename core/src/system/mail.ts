import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { enqueue } from '../jobs/enqueue.ts'

export interface MailAttachment {
  /** As the reader sees it: `2026-10-000012.pdf`. */
  readonly name: string
  /** The hash that `storeFile` gave. */
  readonly file: string
}

export interface Mail {
  readonly to: string
  readonly subject: string
  /** Plain text. */
  readonly text: string
  /** Holds a token or a password: the text is forgotten as soon as a mail server has it. */
  readonly secret?: boolean
  readonly attachments?: readonly MailAttachment[]
  /** An armoured public key: the mail goes encrypted to it, or not at all. Empty: as it is. */
  readonly openpgpKey?: string
  /** Of the text, such as `fr`. */
  readonly language?: string
  /** What it tells of: a resource's name and the id of its row. */
  readonly about?: { readonly kind: string; readonly id: number }
}

/** Sends a mail when the transaction commits, and not if it rolls back. */
export const sendMail = (tx: Tx, mail: Mail): Promise<void> => sendMails(tx, [mail])

/** The same for any number of mails, in one statement. */
export async function sendMails(tx: Tx, mails: readonly Mail[]): Promise<void> {
  if (mails.length === 0) return
  const rows = mails.map(({ to, subject, text, secret, attachments, openpgpKey, language, about }) => ({
    recipient: to,
    subject,
    body: text,
    secret: secret ?? false,
    openpgp_key: openpgpKey ?? '',
    language: language ?? '',
    about_kind: about?.kind,
    about_id: about?.id,
    attachments: attachments ?? [],
  }))
  await tx.execute(sql`
    WITH given AS MATERIALIZED (
      SELECT nextval(pg_get_serial_sequence('coin.mail', 'id')) AS id, mail.* FROM json_to_recordset(${JSON.stringify(rows)}::json) AS mail
        (recipient text, subject text, body text, secret boolean, openpgp_key text, language text, about_kind text, about_id bigint, attachments json)),
    queued AS (
      INSERT INTO coin.mail (id, recipient, subject, body, secret, openpgp_key, language, about_kind, about_id) OVERRIDING SYSTEM VALUE
      SELECT id, recipient, subject, body, secret, openpgp_key, language, about_kind, about_id FROM given)
    INSERT INTO coin.mail_attachment (mail_id, position, name, hash)
    SELECT given.id, position, attachment ->> 'name', decode(attachment ->> 'file', 'hex')
    FROM given, json_array_elements(attachments) WITH ORDINALITY AS list (attachment, position)`)
  await enqueue(tx, 'system:deliver_mail', {})
}

export interface MailRow extends Record<string, unknown> {
  readonly id: number
  readonly recipient: string
  readonly subject: string
  /** ISO 8601. */
  readonly createdAt: string
  /** When a mail server took it, or its copy was written; null while it waits. */
  readonly sentAt: string | null
  readonly attempts: number
  /** Why the last attempt failed. */
  readonly error: string | null
}

const columns = sql`id, recipient, subject, to_json(created_at) #>> '{}' AS "createdAt", to_json(sent_at) #>> '{}' AS "sentAt", attempts, error`

/** The mails, newest first, without their texts. */
export async function listMails(db: Tx, limit = 100): Promise<MailRow[]> {
  const { rows } = await db.execute<MailRow>(sql`
    SELECT ${columns} FROM coin.mail ORDER BY id DESC LIMIT ${limit}`)
  return rows
}

/** One mail with its text; undefined when there is none. */
export async function findMail(db: Tx, id: number): Promise<(MailRow & { readonly body: string }) | undefined> {
  const { rows } = await db.execute<MailRow & { body: string }>(sql`
    SELECT ${columns}, body FROM coin.mail WHERE id = ${id}`)
  return rows[0]
}

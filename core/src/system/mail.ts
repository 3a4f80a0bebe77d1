import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { enqueue } from '../jobs/enqueue.ts'

export interface Mail {
  readonly to: string
  readonly subject: string
  /** Plain text. */
  readonly text: string
  /** Holds a token or a password: the text is forgotten as soon as a mail server has it. */
  readonly secret?: boolean
}

/** Sends a mail when the transaction commits, and not if it rolls back. */
export async function sendMail(tx: Tx, mail: Mail): Promise<void> {
  await tx.execute(
    sql`INSERT INTO coin.mail (recipient, subject, body, secret) VALUES (${mail.to}, ${mail.subject}, ${mail.text}, ${mail.secret ?? false})`,
  )
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

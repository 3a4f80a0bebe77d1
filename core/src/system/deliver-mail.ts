import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import type { SendMailOptions } from 'nodemailer'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { enqueue } from '../jobs/enqueue.ts'

const batch = 20
/** After these the mail stays as it is, with its error, for a person to see: some three days. */
const mostAttempts = 80

interface Waiting extends Record<string, unknown> {
  readonly id: number
  readonly recipient: string
  readonly subject: string
  readonly body: string
  readonly created_at: string
}

export interface Delivery {
  readonly sent: number
  readonly failed: number
}

/**
 * Sends the mails that wait: to the server of `SMTP_URL`, else as files below `<data>/mail`. A failure is noted on its mail, which
 * is tried again later, and keeps no other one waiting.
 */
export async function deliverMails(tx: Tx): Promise<Delivery> {
  const { rows } = await tx.execute<Waiting>(sql`
    SELECT id, recipient, subject, body, to_json(created_at) #>> '{}' AS created_at FROM coin.mail
    WHERE sent_at IS NULL AND attempts < ${mostAttempts} AND next_attempt_at <= clock_timestamp()
    ORDER BY next_attempt_at, id LIMIT ${batch} FOR UPDATE SKIP LOCKED`)
  if (rows.length === 0) return { sent: 0, failed: 0 }
  const carrier = await openCarrier()
  let sent = 0
  try {
    for (const mail of rows) if (await attempt(carrier, mail, tx)) sent++
  } finally {
    carrier.close()
  }
  if (rows.length === batch) await enqueue(tx, 'system:deliver_mail', {})
  return { sent, failed: rows.length - sent }
}

async function attempt(carrier: Carrier, mail: Waiting, tx: Tx): Promise<boolean> {
  try {
    await carrier.carry(mail)
    await tx.execute(sql`
      UPDATE coin.mail SET sent_at = clock_timestamp(), attempts = attempts + 1, error = NULL,
        body = CASE WHEN secret AND ${carrier.leaves} THEN '' ELSE body END WHERE id = ${mail.id}`)
    return true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await tx.execute(sql`
      UPDATE coin.mail SET attempts = attempts + 1, error = ${reason.slice(0, 500)},
        next_attempt_at = clock_timestamp() + least(interval '1 minute' * (attempts + 1), interval '1 hour') WHERE id = ${mail.id}`)
    return false
  }
}

interface Carrier {
  /** Whether the text is elsewhere afterwards, so that a secret one can be forgotten here. */
  readonly leaves: boolean
  carry(mail: Waiting): Promise<void>
  close(): void
}

async function openCarrier(): Promise<Carrier> {
  const { createTransport } = await import('nodemailer')
  const { SMTP_URL } = process.env
  if (SMTP_URL) {
    const transport = createTransport({
      url: SMTP_URL,
      pool: true,
      maxConnections: 1,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 20_000,
    } as Parameters<typeof createTransport>[0])
    return {
      leaves: true,
      carry: async mail => void (await transport.sendMail(envelope(mail))),
      close: () => transport.close(),
    }
  }
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const folder = path.join(currentScope().data ?? (process.env.COIN_DATA || 'var'), 'mail')
  return {
    leaves: false,
    async carry(mail) {
      const { message } = await transport.sendMail(envelope(mail))
      await writeCopy(folder, `${mail.id}.eml`, message as Buffer)
    },
    close: () => transport.close(),
  }
}

/** A file appears whole, and only its owner reads it. */
async function writeCopy(folder: string, name: string, content: Buffer) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const unfinished = path.join(folder, `.${name}.${process.pid}`)
  await writeFile(unfinished, content, { mode: 0o600 })
  await rename(unfinished, path.join(folder, name))
}

function envelope({ id, recipient, subject, body, created_at }: Waiting): SendMailOptions {
  const { providerName } = currentScope().registry
  const host = mailHost()
  return {
    from: process.env.MAIL_FROM || { name: providerName, address: `coin@${host}` },
    to: { name: '', address: recipient },
    subject,
    text: body,
    date: new Date(created_at),
    // a mail that was sent twice, because the first time was cut off, is recognised
    messageId: `<mail-${id}-${new Date(created_at).getTime()}@${host}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function mailHost(): string {
  const { COIN_URL } = process.env
  return COIN_URL && URL.canParse(COIN_URL) ? new URL(COIN_URL).hostname : 'localhost'
}

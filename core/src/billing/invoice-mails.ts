import { sql } from 'drizzle-orm'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, isCoinError } from '../errors.ts'
import { storeFiles } from '../system/file.ts'
import { type Mail, type MailAttachment, sendMails } from '../system/mail.ts'
import { documentErrorWords, setAside } from './document-error.ts'
import { fileNameOf } from './file-name.ts'
import { type InvoiceToMail, mailWords } from './invoice-mail-words.ts'
import { xmlFilesOf } from './invoice-xml.ts'

/** Mails in one transaction: few, because their text and data are in memory together. */
const batch = 100
/** What nobody was mailed for longer is not news: mailing was switched on after it, or it was brought in from elsewhere. */
const freshFor = 31

interface Waiting extends InvoiceToMail, Record<string, unknown> {
  readonly id: number
  readonly email: string
  readonly openpgpKey: string
  readonly pdfHash: string
}

/**
 * Mails the invoices whose PDF is there and that nobody was sent, a batch of them, to members in their language. The mails and the note that
 * they were made commit together: nobody is sent one twice. An invoice of nothing is not mailed. Returns how many; `more` when others wait.
 */
export async function mailInvoices(tx: Tx): Promise<{ readonly mailed: number; readonly failed: number; readonly more: boolean }> {
  const waiting = await readWaiting(
    tx,
    sql`i.state = 'issued' AND i.pdf_hash IS NOT NULL AND i.mailed_at IS NULL AND i.total <> 0 AND i.issued_on > coin.today() - ${freshFor}::int
        AND (i.document_retry_at IS NULL OR i.document_retry_at <= clock_timestamp())
      ORDER BY i.id LIMIT ${batch} FOR UPDATE OF i SKIP LOCKED`,
  )
  const failures = await mail(tx, waiting)
  await setAside(
    tx,
    [...failures].map(([id, error]) => ({ id, error: documentErrorWords(error) })),
  )
  return { mailed: waiting.length - failures.size, failed: failures.size, more: waiting.length === batch }
}

/** Mails one issued invoice, again if need be. Returns to whom. */
export async function mailInvoice(tx: Tx, id: number): Promise<string> {
  const [found] = await readWaiting(tx, sql`i.id = ${id} AND i.pdf_hash IS NOT NULL FOR UPDATE OF i`)
  if (!found) throw new CoinError('refused', 'There is no PDF to send yet.', { hint: 'Try again in a moment.' })
  const failure = (await mail(tx, [found])).get(id)
  if (failure) throw failure
  return found.email
}

async function readWaiting(tx: Tx, rest: ReturnType<typeof sql>): Promise<readonly Waiting[]> {
  const { rows } = await tx.execute<Waiting>(sql`
    SELECT i.id, i.kind, i.number, i.issued_on::text AS "issuedOn", i.due_on::text AS "dueOn", i.total::text AS total, (i.total - i.allocated)::text AS open, i.currency,
      encode(i.pdf_hash, 'hex') AS "pdfHash", m.display_name AS name, m.email, m.language, m.openpgp_key AS "openpgpKey",
      coalesce((SELECT jsonb_agg(DISTINCT s.reference) FROM invoice_line l JOIN subscription s ON s.id = l.subscription_id WHERE l.invoice_id = i.id), '[]') AS references
    FROM invoice i JOIN member m ON m.id = i.member_id WHERE ${rest}`)
  return rows
}

/** One whose data cannot be written down is not mailed without: it is set aside with the reason. Returns why that was, by id. */
async function mail(tx: Tx, waiting: readonly Waiting[]): Promise<ReadonlyMap<number, CoinError>> {
  if (waiting.length === 0) return new Map()
  const { attached, failures } = await dataOf(
    tx,
    waiting.map(({ id }) => id),
  )
  const ready = waiting.filter(({ id }) => !failures.has(id))
  await sendMails(
    tx,
    ready.map(invoice => mailOf(invoice, attached.get(invoice.id) ?? [])),
  )
  await tx.execute(sql`
    UPDATE invoice SET mailed_at = clock_timestamp(), document_error = NULL, document_retry_at = NULL, document_attempts = 0
    WHERE id = ANY (${sql.param(ready.map(({ id }) => id))}::bigint[])`)
  return failures
}

function mailOf(invoice: Waiting, data: readonly MailAttachment[]): Mail {
  const { registry } = currentScope()
  const language = invoice.language || registry.config.provider.language
  const { subject, text } = withinScope({ locale: language, app: 'billing' }, () => mailWords(invoice))
  return {
    to: invoice.email,
    subject,
    text,
    language,
    openpgpKey: invoice.openpgpKey,
    attachments: [{ name: `${fileNameOf(invoice.number)}.pdf`, file: invoice.pdfHash }, ...data.map(({ name, file }) => ({ name, file }))],
    about: { kind: 'invoice', id: invoice.id },
  }
}

/** The data that goes beside the PDF, stored, by the id of the invoice; and what cannot be written down. */
async function dataOf(tx: Tx, ids: readonly number[]) {
  const { attach } = currentScope().registry.config.billing.document
  const failures = new Map<number, CoinError>()
  const files: { id: number; name: string; content: Buffer; mediaType: string }[] = []
  for (const [id, found] of attach.length > 0 ? await xmlFilesOf(tx, ids, attach) : []) {
    if (isCoinError(found)) failures.set(id, found)
    else files.push(...found.map(file => ({ id, mediaType: 'application/xml', ...file })))
  }
  const hashes = await storeFiles(tx, files)
  const all = files.map(({ id, name }, index) => ({ id, name, file: hashes[index] ?? '' }))
  return { failures, attached: Map.groupBy(all, ({ id }) => id) }
}

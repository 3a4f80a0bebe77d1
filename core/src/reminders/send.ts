import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import { issueInvoices } from '../billing/issue.ts'
import type { Tx } from '../db/database.ts'
import { lockMembers } from '../payments/allocations.ts'
import { type Mail, sendMails } from '../system/mail.ts'
import { among, type Debtor, debtors } from './due.ts'
import { draftLateFees } from './late-fees.ts'
import { digestOf, feeOf, reminderMail } from './mail.ts'
import { proposeSuspensions, suspendProposed } from './suspensions.ts'

export interface Sent {
  readonly sent: readonly Debtor[]
  /** Members whose reminder is no longer what was shown, or who get none any more. */
  readonly changed: readonly number[]
}

/**
 * Sends reminders that were looked at: to each member, exactly what has this digest. Whoever has paid meanwhile, or was reminded by somebody else,
 * gets none. Statements do not grow with the members.
 */
export async function sendShown(tx: Tx, shown: ReadonlyMap<number, string>): Promise<Sent> {
  const due = await lockedDebtors(tx, [...shown.keys()])
  const sent = await send(
    tx,
    due.filter(debtor => debtor.spared === null && shown.get(debtor.memberId) === digestOf(debtor)),
  )
  const gone = new Set(sent.map(({ memberId }) => memberId))
  return { sent, changed: [...shown.keys()].filter(id => !gone.has(id)) }
}

/** Sends these members the reminders that are due today. */
export async function sendDue(tx: Tx, memberIds: readonly number[]): Promise<readonly Debtor[]> {
  const due = await lockedDebtors(tx, memberIds)
  return send(
    tx,
    due.filter(({ spared }) => spared === null),
  )
}

/** Records and mails what a person wrote to one member. The gap counts for it too: undefined when a reminder went out a few days ago. */
export async function sendByHand(tx: Tx, memberId: number, words: Pick<Mail, 'subject' | 'text'>): Promise<Debtor | undefined> {
  await lockMembers(tx, sql`SELECT ${memberId}::bigint`)
  const [debtor] = await debtors(tx, among([memberId]), 1)
  if (!debtor || debtor.spared === 'recent') return undefined
  const mail = { ...reminderMail(debtor), ...words }
  const made = await record(tx, [{ debtor, mail, stage: null }])
  if (made.size === 0) return undefined
  await sendMails(tx, [mail])
  await tieMails(tx, [...made.values()])
  return debtor
}

/** Once we hold the members, whoever pays or allocates for them waits, and so do other workers. */
async function lockedDebtors(tx: Tx, ids: readonly number[]): Promise<readonly Debtor[]> {
  if (ids.length === 0) return []
  await lockMembers(tx, sql`SELECT unnest(${sql.param([...ids])}::bigint[])`)
  return debtors(tx, among(ids))
}

async function send(tx: Tx, wanted: readonly Debtor[]): Promise<readonly Debtor[]> {
  if (wanted.length === 0) return []
  const reminders = wanted.map(debtor => ({ debtor, mail: reminderMail(debtor), stage: debtor.stage }))
  const made = await record(tx, reminders)
  const sent = reminders.filter(({ debtor }) => made.has(debtor.memberId))
  const fees = sent.flatMap(({ debtor }) => {
    const amount = feeOf(debtor)
    return amount ? [{ reminderId: made.get(debtor.memberId) as number, memberId: debtor.memberId, language: debtor.language, amount }] : []
  })
  if (fees.length > 0) await issueInvoices(tx, await draftLateFees(tx, fees))
  await sendMails(
    tx,
    sent.map(({ mail }) => mail),
  )
  await tieMails(tx, [...made.values()])
  const proposals = sent.flatMap(({ debtor }) =>
    debtor.suspends.map(({ id }) => ({ reminder: made.get(debtor.memberId) as number, subscription: id })),
  )
  if (proposals.length > 0) await proposeSuspensions(tx, proposals)
  const atOnce = sent.filter(({ debtor }) => debtor.terms.suspend === 'automatic').map(({ debtor }) => made.get(debtor.memberId) as number)
  if (atOnce.length > 0) await suspendProposed(tx, sql`w.reminder_id = ANY (${sql.param(atOnce)}::bigint[])`)
  return sent.map(({ debtor }) => debtor)
}

interface New {
  readonly debtor: Debtor
  readonly mail: Mail
  readonly stage: number | null
}

/** Writes them down. The ids by member, without those whom somebody else has reminded within the gap. */
async function record(tx: Tx, reminders: readonly New[]): Promise<ReadonlyMap<number, number>> {
  const { everyDays } = currentScope().registry.config.reminders
  const rows = reminders.map(({ debtor, mail, stage }) => ({
    member: debtor.memberId,
    stage,
    to: mail.to,
    subject: mail.subject,
    body: mail.text,
  }))
  const { rows: made } = await tx.execute<{ id: number; member: number }>(sql`
    INSERT INTO reminder (member_id, stage, quiet, recipient, subject, body, sent_by)
    SELECT member, stage, daterange(coin.today(), coin.today() + ${everyDays}::int), "to", subject, body, ${currentScope().actor.label}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (member bigint, stage int, "to" text, subject text, body text) ORDER BY member
    ON CONFLICT DO NOTHING RETURNING id, member_id AS member`)
  const ids = new Map(made.map(({ id, member }) => [member, id]))
  const listed = reminders.flatMap(({ debtor }) =>
    debtor.invoices.map(({ id, due }) => ({ reminder: ids.get(debtor.memberId), invoice: id, due })),
  )
  await tx.execute(sql`
    INSERT INTO reminder_invoice (reminder_id, invoice_id, due) SELECT reminder, invoice, due
    FROM jsonb_to_recordset(${JSON.stringify(listed)}::jsonb) AS l (reminder bigint, invoice bigint, due numeric) WHERE reminder IS NOT NULL`)
  return ids
}

/** Each reminder knows its mail: the last one of that subject to its member. */
const tieMails = (tx: Tx, ids: readonly number[]) =>
  tx.execute(sql`
    UPDATE reminder r SET mail_id = (SELECT max(m.id) FROM coin.mail m WHERE m.about_kind = 'member' AND m.about_id = r.member_id AND m.subject = r.subject)
    WHERE r.id = ANY (${sql.param([...ids])}::bigint[])`)

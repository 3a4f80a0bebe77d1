import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { forgetLinks } from '../accounts/links.ts'
import { checkedEmail } from '../accounts/rules.ts'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { changeMember, greetingName } from '../members/rules.ts'
import type { Member } from '../members/tables.ts'
import { bucketOfEmail, isTooMany } from '../requests/attempts.ts'
import { sendMail } from '../system/mail.ts'
import { publicOrigin } from '../web/origin.ts'

const validHours = 24

/** Where mails go and where one signs in, as long as they are what they are. */
export interface Addresses {
  readonly mails: string
  readonly signIn: string
}

/**
 * Asks for another e-mail address: a link to confirm it goes there, a note to where mails went before. Nothing changes until the link is
 * followed by the same member, signed in: neither a mistyped address nor a stolen mail changes anything.
 */
export async function askForEmail(tx: Tx, member: Member, typed: string, signsIn: boolean): Promise<string> {
  const email = checkedEmail(typed)
  await requireFew(tx, member, email)
  if (signsIn) await checkFree(tx, email, member.userId)
  const token = randomBytes(18).toString('base64url')
  await tx.execute(sql`
    INSERT INTO email_change (member_id, email, signs_in, token_hash, expires_at)
    VALUES (${member.id}, ${email}, ${signsIn}, ${digest(token)}, now() + make_interval(hours => ${validHours}::int))
    ON CONFLICT (member_id) DO UPDATE SET email = excluded.email, signs_in = excluded.signs_in, token_hash = excluded.token_hash, expires_at = excluded.expires_at`)
  await mail(tx, member, { to: email, secret: true, email }, values => ({
    subject: t('Confirm your e-mail address for {{provider}}', values),
    paragraphs: [
      t('You want us to write to {{email}}. Open this link within a day, signed in, to confirm it:', values),
      `${publicOrigin()}${url('personal:confirmEmail', { token })}`,
      t('If it was not you, do nothing: nothing changes.'),
    ],
  }))
  await tellFormer(tx, member, email, values => ({
    subject: t('Another e-mail address was asked for at {{provider}}', values),
    paragraphs: [
      t('Somebody, you we hope, asked us to use {{email}} instead of this address. It changes once that address is confirmed.', values),
      t('If it was not you: change your password now, which ends every other session, and answer this mail.'),
    ],
  }))
  return email
}

/** Nobody has mails sent to somebody else without end. */
async function requireFew(tx: Tx, { id }: Member, email: string): Promise<void> {
  const tooMany = (await isTooMany(tx, `email-of:${id}`, 10, 24)) || (await isTooMany(tx, bucketOfEmail(email), 3, 24))
  if (tooMany) throw invalid('email', 'Too many mails were asked for today. Try again tomorrow.')
}

/** The address that waits for its confirmation. */
export async function waitingEmail(tx: Tx, memberId: number): Promise<{ readonly email: string; readonly signsIn: boolean } | undefined> {
  const { rows } = await tx.execute<{ email: string; signsIn: boolean }>(
    sql`SELECT email, signs_in AS "signsIn" FROM email_change WHERE member_id = ${memberId} AND expires_at > now()`,
  )
  return rows[0]
}

/** The same, when the link is the one that was mailed last. */
export async function emailOf(
  tx: Tx,
  memberId: number,
  token: string,
): Promise<{ readonly email: string; readonly signsIn: boolean } | undefined> {
  const { rows } = await tx.execute<{ email: string; signsIn: boolean }>(sql`
    SELECT email, signs_in AS "signsIn" FROM email_change WHERE member_id = ${memberId} AND token_hash = ${digest(token)} AND expires_at > now()`)
  return rows[0]
}

/** The link was followed: mails go there from now on, and one signs in with it if that was asked. Links to set a password end. */
export async function confirmEmail(tx: Tx, member: Member, token: string): Promise<string> {
  const found = await emailOf(tx, member.id, token)
  if (!found) throw tooOld()
  const { email, signsIn } = found
  if (signsIn) {
    await checkFree(tx, email, member.userId)
    await tx.execute(sql`UPDATE auth."user" SET email = ${email}, email_verified = true, updated_at = now() WHERE id = ${member.userId}`)
    if (member.userId) await forgetLinks(tx, member.userId)
  }
  await changeMember(tx, member.id, { email })
  await tx.execute(sql`DELETE FROM email_change WHERE member_id = ${member.id}`)
  await tellFormer(tx, member, email, values => ({
    subject: t('Your e-mail address at {{provider}} has changed', values),
    paragraphs: [
      signsIn
        ? t('We write to {{email}} from now on, and you sign in with it.', values)
        : t('We write to {{email}} from now on. You sign in as before.', values),
      t('If it was not you: change your password now, which ends every other session, and answer this mail.'),
    ],
  }))
  return email
}

/** Says that a link is of no use any more. */
export const tooOld = () =>
  new CoinError('not_found', 'This link is not valid any more, or it is another member’s.', { hint: 'Ask for the address again.' })

async function checkFree(tx: Tx, email: string, userId: string | null): Promise<void> {
  const { rows } = await tx.execute(sql`SELECT FROM auth."user" WHERE email = ${email} AND id IS DISTINCT FROM ${userId}`)
  if (rows.length > 0) throw invalid('email', 'Another account has this e-mail address.')
}

interface Words {
  readonly subject: string
  readonly paragraphs: readonly string[]
}

/** A note to where mails went, and to where one signed in, when these differ: whoever has taken one over cannot hide it. */
async function tellFormer(tx: Tx, member: Member, email: string, write: (values: Record<string, string>) => Words): Promise<void> {
  const { rows } = await tx.execute<{ email: string }>(sql`SELECT email FROM auth."user" WHERE id = ${member.userId}`)
  const former = new Set([member.email.toLowerCase(), rows[0]?.email ?? member.email.toLowerCase()])
  for (const to of former) if (to !== email) await mail(tx, member, { to, secret: false, email }, write)
}

interface Letter {
  readonly to: string
  /** Holds the link. */
  readonly secret: boolean
  /** The address that it is about. */
  readonly email: string
}

function mail(tx: Tx, member: Member, { to, secret, email }: Letter, write: (values: Record<string, string>) => Words): Promise<void> {
  const { registry } = currentScope()
  return withinScope({ locale: member.language || registry.config.provider.language, app: 'personal' }, () => {
    const { subject, paragraphs } = write({ provider: registry.providerName, email })
    const text = [t('Hello {{name}},', { name: greetingName(member) }), ...paragraphs, registry.providerName].join('\n\n')
    return sendMail(tx, { to, subject, text, secret, openpgpKey: member.openpgpKey })
  })
}

const digest = (token: string) => createHash('sha256').update(token).digest()

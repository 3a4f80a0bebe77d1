import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { passwordToken } from './links.ts'
import { mailPasswordLink, type Recipient } from './mails.ts'
import { checkedEmail, createUser } from './rules.ts'

const validDays = 7

interface Invited extends Record<string, unknown> {
  readonly display_name: string
  readonly email: string
  readonly language: string
  readonly user_id: string | null
  readonly user_email: string | null
  readonly other_user: string | null
}

/**
 * Lets a member sign in: makes their user with the member's e-mail address, unless they have one, and mails a link to choose a
 * password. The mail commits with the transaction. Doing it again mails a new link.
 */
export async function inviteMember(memberId: number, tx: Tx): Promise<{ readonly email: string }> {
  const { rows } = await tx.execute<Invited>(sql`
    SELECT m.display_name, m.email, m.language, m.user_id, u.email AS user_email,
      (SELECT o.id FROM auth."user" o WHERE o.email = lower(m.email) AND o.id IS DISTINCT FROM m.user_id) AS other_user
    FROM member m LEFT JOIN auth."user" u ON u.id = m.user_id WHERE m.id = ${memberId} FOR UPDATE OF m`)
  const member = rows[0]
  if (!member) throw new CoinError('not_found', 'There is no such member.')
  const userId = member.user_id ?? (await linkUser(memberId, member, tx))
  const email = member.user_email ?? checkedEmail(member.email)
  await mailInvitation(tx, 'invitation', userId, { email, name: member.display_name, language: member.language })
  return { email }
}

/** Mails a link to choose a first password, to a member or to somebody who works for the provider. */
export async function mailInvitation(tx: Tx, kind: 'invitation' | 'staff', userId: string, to: Recipient): Promise<void> {
  await mailPasswordLink(tx, kind, to, await passwordToken(tx, userId, validDays * 24))
}

async function linkUser(memberId: number, member: Invited, tx: Tx): Promise<string> {
  if (member.other_user !== null) {
    throw new CoinError('refused', '{{email}} is the address of another account already.', {
      values: { email: member.email },
      hint: 'Give the member another e-mail address.',
    })
  }
  const { id } = await createUser({ email: member.email, name: member.display_name, role: 'member', language: member.language }, tx)
  await tx.execute(sql`UPDATE member SET user_id = ${id} WHERE id = ${memberId}`)
  return id
}

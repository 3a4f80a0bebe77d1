import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { addMember, type NewMember } from '../members/rules.ts'
import { addRequest } from './rules.ts'
import { mailConfirmation, mailKnownAlready } from './sign-up-mails.ts'

/** What somebody who wants to join has told of themselves, and wishes. */
export interface SignUp {
  readonly person: NewMember
  readonly offerId: number | null
  readonly message: string
}

/** Days for which the link in the mail works. */
const confirmWithin = 3

const digestOf = (token: string) => createHash('sha256').update(token).digest()

/**
 * Keeps what was told until its e-mail address is confirmed by the link that this mails. To an address that is known already another mail
 * goes, so that whoever asks sees no difference.
 */
export async function startSignUp(tx: Tx, { person, offerId, message }: SignUp): Promise<void> {
  const { email } = person
  if (await isKnown(tx, email)) return mailKnownAlready(tx, person)
  const token = randomBytes(24).toString('base64url')
  await tx.execute(sql`
    INSERT INTO sign_up (token_hash, email, person, offer_id, message, expires_at)
    VALUES (${digestOf(token)}, ${email}, ${JSON.stringify(person)}::jsonb, ${offerId}, ${message}, now() + make_interval(days => ${confirmWithin}))`)
  await mailConfirmation(tx, person, token, confirmWithin)
}

interface Waiting extends Record<string, unknown> {
  readonly email: string
  readonly person: NewMember
  readonly offerId: string | null
  readonly message: string
}

/** The address that a link confirms; undefined when the link was used or is too old. */
export async function emailOfSignUp(db: Tx, token: string): Promise<string | undefined> {
  const { rows } = await db.execute<{ email: string }>(
    sql`SELECT email FROM sign_up WHERE token_hash = ${digestOf(token)} AND expires_at > now()`,
  )
  return rows[0]?.email
}

/** Makes the pending member and their request, once: the link is used up by it, and so are others of the same address. */
export async function confirmSignUp(tx: Tx, token: string): Promise<void> {
  const { rows } = await tx.execute<Waiting>(sql`
    DELETE FROM sign_up WHERE token_hash = ${digestOf(token)} AND expires_at > now()
    RETURNING email, person, offer_id AS "offerId", message`)
  const waiting = rows[0]
  if (!waiting) throw new CoinError('refused', 'This link has been used, or is too old.', { hint: 'Fill in the form again.' })
  // two links of one address that are opened at once: the second one waits here, and then finds a member
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('sign_up:' || lower(${waiting.email}), 0))`)
  await tx.execute(sql`DELETE FROM sign_up WHERE lower(email) = lower(${waiting.email})`)
  if (await isKnown(tx, waiting.email))
    throw new CoinError('refused', 'We know this e-mail address already.', { hint: 'Sign in, or write to us.' })
  const memberId = await addMember(tx, { ...waiting.person, status: 'pending' })
  const { terms } = currentScope().registry.config.requests
  const wanted = terms ? { agreedTo: termsFor(waiting.person.language) ?? '' } : {}
  const offerId = waiting.offerId === null ? null : Number(waiting.offerId)
  await addRequest(tx, 'sign_up', { memberId, subscriptionId: null, offerId, wanted }, waiting.message)
}

/** Where what one agrees to can be read, in a language. */
export function termsFor(language: string | undefined): string | undefined {
  const { requests, provider } = currentScope().registry.config
  const { terms } = requests
  if (terms === undefined || typeof terms === 'string') return terms
  return terms[language ?? ''] ?? terms[provider.language] ?? Object.values(terms)[0]
}

async function isKnown(tx: Tx, email: string): Promise<boolean> {
  const { rows } = await tx.execute(sql`
    SELECT FROM member WHERE lower(email) = lower(${email}) UNION ALL SELECT FROM auth."user" WHERE email = lower(${email}) LIMIT 1`)
  return rows.length > 0
}

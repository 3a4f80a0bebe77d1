import { CoinError, type Tx } from 'coin'
import { sql } from 'drizzle-orm'
import { lockAccount } from '../lock.ts'
import { allowance, newSerial, type SigningAuthority, signingAuthority } from './authority.ts'
import { type Certificate, certificateOf } from './queries.ts'
import type { RequestedKey } from './request.ts'
import type { CertificateSettings } from './settings.ts'
import { ecdsa, loadX509, pem } from './x509.ts'

const day = 24 * 60 * 60_000
/** What is revoked stays on the list, which must not grow at somebody's whim. */
const mostADay = 10

/** What is issued, with what vouches for it. */
export interface Issued {
  readonly certificate: Certificate
  /** PEM of the authority. */
  readonly authority: string
}

/**
 * Issues a certificate for an account: its name is the login and it may only be a client. Refuses while one is valid and does not end soon,
 * for a subscription that has ended, and for a key that another account has or that was revoked; with `member`, also when the account is
 * another member's by now.
 */
export async function issueCertificate(
  tx: Tx,
  settings: CertificateSettings,
  account: number,
  key: RequestedKey,
  madeBy: Certificate['madeBy'],
  member?: number,
): Promise<Issued> {
  const subject = await lockAccount(tx, account, member)
  await refuseTwo(tx, settings, account)
  await refuseMany(tx, account)
  await refuseKnownKey(tx, account, key)
  const authority = await signingAuthority(tx, settings)
  const serial = newSerial()
  const notBefore = new Date(Date.now() - allowance)
  const notAfter = endOf(settings, authority)
  const certificate = await sign(authority, subject.login, key, { serial, notBefore, notAfter })
  await tx.execute(sql`
    INSERT INTO vpn_certificate (ca_id, configuration_id, login, holder, serial, certificate, key_kind, key_hash, made_by, not_before, not_after)
    VALUES (${authority.id}, ${account}, ${subject.login}, ${subject.holder}, ${serial}, ${certificate}, ${key.kind}, ${key.hash}, ${madeBy},
      ${notBefore.toISOString()}, ${notAfter.toISOString()})`)
  const issued = await certificateOf(tx, account, serial)
  if (!issued) throw new Error('The certificate was not kept')
  return { certificate: issued, authority: authority.certificate }
}

async function refuseTwo(tx: Tx, { renewDays }: CertificateSettings, account: number) {
  const { rows } = await tx.execute(sql`
    SELECT 1 FROM vpn_certificate
    WHERE configuration_id = ${account} AND revoked_at IS NULL AND not_after > now() + make_interval(days => ${renewDays})`)
  if (rows.length > 0)
    throw new CoinError('refused', 'This account has a certificate, and it is too early to renew it.', {
      hint: 'If its key is lost, revoke it first.',
    })
}

async function refuseMany(tx: Tx, account: number) {
  const { rows } = await tx.execute<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM vpn_certificate WHERE configuration_id = ${account} AND created_at > now() - interval '1 day'`)
  if ((rows[0]?.count ?? 0) >= mostADay)
    throw new CoinError('too_many', 'This account had ten certificates within a day.', { hint: 'Try again tomorrow.' })
}

async function refuseKnownKey(tx: Tx, account: number, { hash }: RequestedKey) {
  // two accounts that give one key come one after the other
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`vpn_certificate.key:${hash}`}, 0))`)
  const { rows } = await tx.execute(sql`
    SELECT 1 FROM vpn_certificate WHERE key_hash = ${hash} AND (revoked_at IS NOT NULL OR configuration_id IS DISTINCT FROM ${account})`)
  if (rows.length > 0)
    throw new CoinError('invalid', 'This key was used before and was revoked, or another account has it. Make a new one.', {
      fields: [{ field: 'csr', message: 'This key was used before and was revoked, or another account has it. Make a new one.' }],
    })
}

/** Nothing outlives what vouches for it. */
function endOf({ days }: CertificateSettings, authority: SigningAuthority): Date {
  const end = new Date(Math.min(Date.now() + days * day, authority.notAfter.getTime()))
  if (end.getTime() > Date.now() + day) return end
  throw new CoinError('refused', 'The certificate authority has reached its end.', {
    hint: 'Whoever runs this site has to make a new one.',
  })
}

async function sign(
  authority: SigningAuthority,
  login: string,
  key: RequestedKey,
  { serial, notBefore, notAfter }: { serial: string; notBefore: Date; notAfter: Date },
): Promise<string> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.certificate)
  const publicKey = new x509.PublicKey(key.spki)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: [{ CN: [login] }],
    issuer: issuer.subjectName,
    notBefore,
    notAfter,
    publicKey,
    signingKey: authority.key,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return pem('CERTIFICATE', certificate.rawData)
}

import { enqueue, type Tx } from 'coin'
import { sql } from 'drizzle-orm'
import { allowance, type SigningAuthority, signingAuthority } from './authority.ts'
import type { Reason } from './queries.ts'
import type { CertificateSettings } from './settings.ts'
import { ecdsa, loadX509, pem } from './x509.ts'

const day = 24 * 60 * 60_000

/** The revocation list as it was last signed. */
export interface Crl {
  readonly number: number
  /** PEM */
  readonly crl: string
  readonly nextUpdate: Date
}

interface Revoked extends Record<string, unknown> {
  readonly id: number
  readonly serial: string
  readonly revoked_at: Date | string
  readonly reason: Reason
}

/** The list, when there is one. */
export async function findCrl(tx: Tx): Promise<Crl | undefined> {
  const { rows } = await tx.execute<{ number: number; crl: string; nextUpdate: Date | string }>(
    sql`SELECT number, crl, next_update AS "nextUpdate" FROM vpn_crl`,
  )
  const row = rows[0]
  return row && { number: Number(row.number), crl: row.crl, nextUpdate: new Date(row.nextUpdate) }
}

/**
 * Signs a new list when the last one misses a revocation or is a day old (RFC 5280 §5), and has it written where OpenVPN reads it. Those who
 * do it at once come one after the other, so that the numbers rise. Returns true when there is a new one.
 */
export async function refreshCrl(tx: Tx, settings: CertificateSettings): Promise<boolean> {
  if (!(await isDue(tx, settings))) return false
  await tx.execute(sql`SELECT id FROM vpn_ca FOR NO KEY UPDATE`)
  // whoever was waited for may have done it
  if (!(await isDue(tx, settings))) return false
  await makeCrl(tx, settings, ((await findCrl(tx))?.number ?? 0) + 1)
  await askForFile(tx, settings)
  return true
}

/** Has the file written after the commit, one after the other, so that an older list never replaces a newer one. */
export async function askForFile(tx: Tx, { crlFile }: CertificateSettings): Promise<void> {
  if (crlFile) await enqueue(tx, 'vpn:writeCrl', {}, { key: 'file', queue: 'vpn:crl_file' })
}

async function isDue(tx: Tx, { crlDays }: CertificateSettings): Promise<boolean> {
  const { rows } = await tx.execute(sql`
    SELECT FROM vpn_ca WHERE
      EXISTS (SELECT FROM vpn_certificate WHERE revoked_at IS NOT NULL AND listed_in IS NULL AND not_after > now())
      OR NOT EXISTS (SELECT FROM vpn_crl WHERE made_at > now() - interval '23 hours')
      -- a shorter life was set meanwhile
      OR EXISTS (SELECT FROM vpn_crl WHERE next_update > now() + make_interval(days => ${crlDays}))`)
  return rows.length > 0
}

async function makeCrl(tx: Tx, settings: CertificateSettings, number: number) {
  const authority = await signingAuthority(tx, settings)
  // those that have expired stay for one more life of the list (RFC 5280 §3.3)
  const { rows: revoked } = await tx.execute<Revoked>(sql`
    SELECT id, serial, revoked_at, reason FROM vpn_certificate
    WHERE revoked_at IS NOT NULL AND not_after > now() - make_interval(days => ${settings.crlDays}) ORDER BY revoked_at, id`)
  const madeAt = new Date()
  const nextUpdate = new Date(madeAt.getTime() + settings.crlDays * day)
  const crl = await sign(authority, revoked, { number, madeAt, nextUpdate })
  await tx.execute(sql`
    INSERT INTO vpn_crl (ca_id, number, crl, made_at, next_update) VALUES (${authority.id}, ${number}, ${crl}, ${madeAt.toISOString()}, ${nextUpdate.toISOString()})
    ON CONFLICT (ca_id) DO UPDATE SET number = excluded.number, crl = excluded.crl, made_at = excluded.made_at, next_update = excluded.next_update`)
  const ids = revoked.map(({ id }) => id)
  await tx.execute(sql`UPDATE vpn_certificate SET listed_in = ${number} WHERE listed_in IS NULL AND id = ANY (${sql.param(ids)}::bigint[])`)
}

interface Edition {
  readonly number: number
  readonly madeAt: Date
  readonly nextUpdate: Date
}

async function sign(authority: SigningAuthority, revoked: readonly Revoked[], { number, madeAt, nextUpdate }: Edition): Promise<string> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.certificate)
  const { affiliationChanged, cessationOfOperation, keyCompromise, superseded } = x509.X509CrlReason
  const reasons: Record<Reason, typeof superseded | typeof keyCompromise | typeof affiliationChanged | typeof cessationOfOperation> = {
    affiliation_changed: affiliationChanged,
    cessation_of_operation: cessationOfOperation,
    key_compromise: keyCompromise,
    superseded,
  }
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: new Date(madeAt.getTime() - allowance),
    nextUpdate,
    entries: revoked.map(({ serial, revoked_at, reason }) => ({
      serialNumber: serial,
      revocationDate: new Date(revoked_at),
      reason: reasons[reason],
    })),
    extensions: [await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey), crlNumber(x509, number)],
    signingKey: authority.key,
    signingAlgorithm: ecdsa,
  })
  return pem('X509 CRL', list.rawData)
}

/** RFC 5280 §5.2.3: a positive INTEGER in DER. */
function crlNumber({ Extension }: Awaited<ReturnType<typeof loadX509>>, number: number) {
  const hex = number.toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  const bytes = Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex')
  return new Extension('2.5.29.20', false, Uint8Array.from([2, bytes.length, ...bytes]))
}

import { CoinError, currentScope, isSealOutdated, seal, type Tx, unseal } from 'coin'
import { sql } from 'drizzle-orm'
import type { CertificateSettings } from './settings.ts'
import { der, ecdsa, loadX509, pem } from './x509.ts'

const years = 10
const purpose = 'vpn.ca_key'
const keyLabel = 'PRIVATE KEY'
/** Clocks of other machines may be a little behind. */
export const allowance = 5 * 60_000

/** The authority, without its key. */
export interface Authority {
  readonly id: number
  readonly name: string
  /** PEM */
  readonly certificate: string
  readonly notAfter: Date
}

/** The authority that may sign. Its key cannot be taken out again. */
export interface SigningAuthority extends Authority {
  readonly key: CryptoKey
}

interface Row extends Record<string, unknown> {
  readonly id: number
  readonly name: string
  readonly certificate: string
  readonly sealed_key: string
  readonly not_after: Date | string
}

/** The authority, when there is one. */
export async function findAuthority(tx: Tx): Promise<Authority | undefined> {
  const row = await load(tx)
  return row && { id: row.id, name: row.name, certificate: row.certificate, notAfter: new Date(row.not_after) }
}

/** The authority with its key; made on first use. */
export async function signingAuthority(tx: Tx, settings: CertificateSettings): Promise<SigningAuthority> {
  const row = (await load(tx)) ?? (await make(tx, settings.authority))
  const key = await crypto.subtle.importKey('pkcs8', der(keyLabel, unseal(row.sealed_key, purpose)), ecdsa, false, ['sign'])
  return { id: row.id, name: row.name, certificate: row.certificate, notAfter: new Date(row.not_after), key }
}

/**
 * Makes the authority: a P-256 key, kept encrypted, and a certificate for ten years that may sign certificates and lists, and no other
 * authority. Refuses when there is one.
 */
export async function makeAuthority(tx: Tx, name: string | undefined): Promise<Authority> {
  await lock(tx)
  if (await load(tx))
    throw new CoinError('refused', 'There is a certificate authority already.', {
      hint: 'Every certificate stands on it, so it is not replaced. `coin vpn ca` shows it.',
    })
  const row = await make(tx, name)
  return { id: row.id, name: row.name, certificate: row.certificate, notAfter: new Date(row.not_after) }
}

/** Encrypts the key anew when an earlier secret did. True when it was needed. */
export async function resealAuthority(tx: Tx): Promise<boolean> {
  const row = await load(tx)
  if (!row || !isSealOutdated(row.sealed_key)) return false
  const sealed = seal(unseal(row.sealed_key, purpose), purpose)
  const { rowCount } = await tx.execute(
    sql`UPDATE vpn_ca SET sealed_key = ${sealed} WHERE id = ${row.id} AND sealed_key = ${row.sealed_key}`,
  )
  return rowCount === 1
}

async function load(tx: Tx): Promise<Row | undefined> {
  const { rows } = await tx.execute<Row>(sql`SELECT id, name, certificate, sealed_key, not_after FROM vpn_ca`)
  return rows[0]
}

/** Until the end of the transaction: two that begin at once make one authority. */
const lock = (tx: Tx) => tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('vpn_ca', 0))`)

async function make(tx: Tx, given: string | undefined): Promise<Row> {
  await lock(tx)
  const already = await load(tx)
  if (already) return already
  const x509 = await loadX509()
  const name = given ?? `${currentScope().registry.providerName} VPN`.slice(0, 64)
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const notBefore = new Date(Date.now() - allowance)
  const notAfter = new Date(notBefore)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years)
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const sealed = seal(pem(keyLabel, await crypto.subtle.exportKey('pkcs8', keys.privateKey)), purpose)
  const { rows } = await tx.execute<Row>(sql`
    INSERT INTO vpn_ca (name, certificate, sealed_key, not_before, not_after)
    VALUES (${name}, ${pem('CERTIFICATE', certificate.rawData)}, ${sealed}, ${notBefore.toISOString()}, ${notAfter.toISOString()})
    RETURNING id, name, certificate, sealed_key, not_after`)
  const row = rows[0]
  if (!row) throw new Error('The authority was not kept')
  return row
}

/** A serial number of 16 octets, positive and not short: 126 random bits (RFC 5280 §4.1.2.2 asks for a positive one of 20 octets at most). */
export function newSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return Buffer.from(bytes).toString('hex')
}

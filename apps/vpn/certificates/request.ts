import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { invalid } from 'coin'
import { loadX509 } from './x509.ts'

/** A public key that may be certified. */
export interface RequestedKey {
  /** DER, SubjectPublicKeyInfo. */
  readonly spki: ArrayBuffer
  /** For people: `EC P-256`, `RSA 3072`. */
  readonly kind: string
  /** SHA-256 of the key, hexadecimal. */
  readonly hash: string
}

const longest = 16 * 1024
const form = /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END (NEW )?CERTIFICATE REQUEST-----\s*$/
const curves: Readonly<Record<string, string>> = { prime256v1: 'EC P-256', secp384r1: 'EC P-384' }

/**
 * The key of a signing request (PKCS#10, RFC 2986) in PEM, once its signature proves that whoever made it holds the private key. The
 * name and the extensions that it asks for are ignored. Refuses, as the field `csr`, what is none, and a weak or unusual key.
 */
export async function readRequest(text: string): Promise<RequestedKey> {
  const [, , body] = text.length <= longest ? (form.exec(text) ?? []) : []
  if (body === undefined)
    throw invalid('csr', 'This is not a signing request: it begins with -----BEGIN CERTIFICATE REQUEST----- and holds nothing else.')
  const bytes = Buffer.from(body.replace(/\s/g, ''), 'base64')
  const spki = isWhole(bytes) ? await verified(bytes) : undefined
  if (!spki) throw invalid('csr', 'This signing request is damaged, or was not signed with its own key.')
  return keyOf(spki)
}

/** What is to know of a public key; refuses one that is too weak. */
export function keyOf(spki: ArrayBuffer): RequestedKey {
  const bytes = Buffer.from(spki)
  const kind = kindOf(readKey(bytes))
  if (!kind)
    throw invalid('csr', 'This key cannot be used: make one on the curve P-256 or P-384, an Ed25519 one, or RSA of 2048 to 8192 bits.')
  return { spki, kind, hash: createHash('sha256').update(bytes).digest('hex') }
}

/** One SEQUENCE in DER, and nothing behind it. */
function isWhole(der: Buffer): boolean {
  const [tag, first = 0] = der
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (tag !== 0x30 || lengthBytes > 2 || der.length < 2 + lengthBytes) return false
  return der.length === 2 + lengthBytes + (lengthBytes === 0 ? first : der.readUIntBE(2, lengthBytes))
}

/** The key of a request whose signature is right. */
async function verified(request: Buffer<ArrayBuffer>): Promise<ArrayBuffer | undefined> {
  const x509 = await loadX509()
  try {
    const read = new x509.Pkcs10CertificateRequest(new Uint8Array(request))
    return (await read.verify()) ? read.publicKey.rawData : undefined
  } catch {
    return undefined
  }
}

function readKey(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

function kindOf(key: KeyObject | undefined): string | undefined {
  const { namedCurve = '', modulusLength = 0, publicExponent = 0n } = key?.asymmetricKeyDetails ?? {}
  if (key?.asymmetricKeyType === 'ed25519') return 'Ed25519'
  if (key?.asymmetricKeyType === 'ec') return curves[namedCurve]
  const usable = modulusLength >= 2048 && modulusLength <= 8192 && publicExponent >= 65537n
  return key?.asymmetricKeyType === 'rsa' && usable ? `RSA ${modulusLength}` : undefined
}

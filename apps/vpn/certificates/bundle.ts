import { randomInt } from 'node:crypto'
import { invalid, type Tx } from 'coin'
import type { ContentEncryptionAlgorithm } from 'pkijs'
import { type Issued, issueCertificate } from './issue.ts'
import { keyOf } from './request.ts'
import type { CertificateSettings } from './settings.ts'
import { der, ecdsa } from './x509.ts'

const shortest = 12
/** As OpenSSL names them: a key that is encrypted, a certificate. */
const [keyBagId, certificateBagId] = ['1.2.840.113549.1.12.10.1.2', '1.2.840.113549.1.12.10.1.3']
const encryption = {
  // the library makes the initialisation vector itself, which its types do not know
  contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 } as ContentEncryptionAlgorithm,
  hmacHashAlgorithm: 'SHA-256',
  iterationCount: 200_000,
}
const macIterations = 10_000
/** The attribute localKeyId with the value 1 (RFC 2985 §5.5.2), in DER: programs find the certificate of the key by it. */
const belongsTogether = Buffer.from('301006092a864886f70d0109153103040101', 'hex')

export interface Bundle extends Issued {
  /** PKCS#12, DER. */
  readonly file: Buffer
  readonly password: string
}

/**
 * Makes a key and a certificate for it, in a file that a password protects (PKCS#12, RFC 7292; PBES2 with AES-256, SHA-256). The key and the
 * password are kept nowhere. A password that is given has twelve characters at least; one of 120 random bits is made otherwise.
 */
export async function makeBundle(tx: Tx, settings: CertificateSettings, account: number, given: string, member?: number): Promise<Bundle> {
  if (given !== '' && [...given].length < shortest) throw invalid('password', 'Choose twelve characters or more, or leave it empty.')
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const key = keyOf(await crypto.subtle.exportKey('spki', keys.publicKey))
  const issued = await issueCertificate(tx, settings, account, key, 'bundle', member)
  const password = given === '' ? newPassword() : given
  const contents = { key: await crypto.subtle.exportKey('pkcs8', keys.privateKey), ...issued }
  return { ...issued, password, file: await protect(contents, password) }
}

/** Letters and digits that are not mistaken for one another, in groups. */
function newPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const characters = Array.from({ length: 25 }, () => letters.charAt(randomInt(letters.length))).join('')
  return characters.replace(/(.{5})(?!$)/g, '$1-')
}

async function protect(
  contents: { key: ArrayBuffer; certificate: { certificate: string }; authority: string },
  text: string,
): Promise<Buffer> {
  const { Attribute, AuthenticatedSafe, CertBag, Certificate, PFX, PKCS8ShroudedKeyBag, PrivateKeyInfo, SafeBag, SafeContents } =
    await import('pkijs')
  const password = new Uint8Array(Buffer.from(text, 'utf8')).buffer
  const key = new PKCS8ShroudedKeyBag({ parsedValue: PrivateKeyInfo.fromBER(contents.key) })
  await key.makeInternalValues({ password, ...encryption })
  const pair = () => [Attribute.fromBER(new Uint8Array(belongsTogether).buffer)]
  const certificates = [contents.certificate.certificate, contents.authority].map(
    (each, index) =>
      new SafeBag({
        bagId: certificateBagId,
        ...(index === 0 && { bagAttributes: pair() }),
        bagValue: new CertBag({ parsedValue: Certificate.fromBER(new Uint8Array(der('CERTIFICATE', each)).buffer) }),
      }),
  )
  const authenticatedSafe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        { privacyMode: 0, value: new SafeContents({ safeBags: [new SafeBag({ bagId: keyBagId, bagValue: key, bagAttributes: pair() })] }) },
        { privacyMode: 1, value: new SafeContents({ safeBags: certificates }) },
      ],
    },
  })
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, { password, ...encryption }] })
  const bundle = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } })
  await bundle.makeInternalValues({
    password,
    iterations: macIterations,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  })
  return Buffer.from(bundle.toSchema().toBER(false))
}

import { decrypt, generateKey, type PrivateKey, readMessage, readPrivateKey } from 'openpgp'

export interface TestKeys {
  readonly publicKey: string
  readonly privateKey: string
}

/** A key pair of somebody, as their program would make it. */
export const keyPair = (
  options: Partial<Parameters<typeof generateKey>[0]> = {},
): Promise<TestKeys & { readonly revocationCertificate: string }> =>
  generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name: 'Amina Berthier', email: 'amina@example.org' }],
    ...options,
    format: 'armored',
  })

/** The encrypted part of a message. */
export const armouredIn = (source: string): string =>
  /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(source)?.[0] ?? 'nothing encrypted'

/** What is inside, for who has the key. */
export async function decrypted(source: string, { privateKey }: TestKeys): Promise<string> {
  const decryptionKeys: PrivateKey = await readPrivateKey({ armoredKey: privateKey })
  const { data } = await decrypt({ message: await readMessage({ armoredMessage: armouredIn(source) }), decryptionKeys, format: 'binary' })
  return Buffer.from(data as Uint8Array).toString()
}

export interface Part {
  readonly headers: string
  readonly content: Buffer
}

/** The parts of a multipart message, decoded when they are in base64. Long header lines are one. */
export function partsOf(message: string): Part[] {
  const boundary = /boundary="([^"]+)"/.exec(message)?.[1] ?? 'no boundary'
  return message
    .split(`--${boundary}`)
    .slice(1, -1)
    .map(part => {
      const [headers = '', ...content] = part.trimStart().split('\r\n\r\n')
      const text = content.join('\r\n\r\n')
      const encoding = /transfer-encoding: base64/i.test(headers) ? 'base64' : 'utf8'
      return { headers: headers.replace(/\r\n[ \t]+/g, ' '), content: Buffer.from(text, encoding) }
    })
}

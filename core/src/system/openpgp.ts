import type { Key } from 'openpgp'
import { messageOf, storable } from '../db/storable.ts'
import { CoinError } from '../errors.ts'

/** What people compare and look at of a public key. */
export interface KeyFacts {
  /** In groups of four: `9F2C 81B0 …`. */
  readonly fingerprint: string
  readonly userIds: readonly string[]
  /** ISO 8601; null when it never expires or that cannot be told. */
  readonly expiresAt: string | null
  /** Why nothing can be encrypted to it now. */
  readonly problem: string | undefined
}

const privateKey = 'This is a private key: who has it reads your mail. It was not kept; show it to nobody. Give the public one.'
const notWhole = 'Give a whole OpenPGP public key, from -----BEGIN PGP PUBLIC KEY BLOCK----- to the line that ends it.'
const several = 'There are several keys. Give only the one that mails are to be encrypted to.'
const revoked = 'This key is revoked. Give the one that takes its place.'
const expired = 'This key has expired. Extend it and give it again, or give another one.'
const cannotEncrypt = 'Nothing can be encrypted to this key: its part for encryption is missing, too weak or has expired. Give another one.'

const armour = /^-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n[\s\S]*-----END PGP PUBLIC KEY BLOCK-----$/

/** Why mails cannot be encrypted to an armoured key, as a sentence; undefined when they can. */
export async function keyProblem(armoured: string): Promise<string | undefined> {
  const key = await readKey(armoured)
  return typeof key === 'string' ? key : problemOf(key)
}

/** What there is to see of a key; undefined when it is none. */
export async function keyFacts(armoured: string): Promise<KeyFacts | undefined> {
  const key = await readKey(armoured)
  if (typeof key === 'string') return undefined
  const expires = await key.getExpirationTime().catch(() => null)
  return {
    fingerprint: key
      .getFingerprint()
      .toUpperCase()
      .replace(/(.{4})(?=.)/g, '$1 '),
    userIds: key.getUserIDs().map(storable),
    expiresAt: expires instanceof Date ? expires.toISOString() : null,
    problem: await problemOf(key),
  }
}

/** The content encrypted to a key, armoured. Refuses, with the reason, when that is not possible. */
export async function encryptTo(armoured: string, content: Uint8Array): Promise<string> {
  const key = await readKey(armoured)
  const problem = typeof key === 'string' ? key : await problemOf(key)
  if (typeof key === 'string' || problem !== undefined) throw new CoinError('refused', problem ?? notWhole)
  const { createMessage, encrypt } = await load()
  try {
    return String(await encrypt({ message: await createMessage({ binary: content }), encryptionKeys: key }))
  } catch (error) {
    throw new CoinError('refused', messageOf(error), { cause: error })
  }
}

// large, and rarely needed
const load = () => import('openpgp')

/** The key, or why it is none that can be kept. */
async function readKey(text: string): Promise<Key | string> {
  const armoured = text.trim()
  if (/PRIVATE KEY/.test(armoured)) return privateKey
  if (armoured.split('-----BEGIN ').length > 2) return several
  if (!armour.test(armoured)) return notWhole
  const { readKeys } = await load()
  // what it says about a key that cannot be read is for programmers
  const keys = await readKeys({ armoredKeys: armoured }).catch((): Key[] => [])
  const [key] = keys
  if (!key) return notWhole
  if (keys.some(each => each.isPrivate())) return privateKey
  return keys.length > 1 ? several : key
}

async function problemOf(key: Key): Promise<string | undefined> {
  if (await key.isRevoked()) return revoked
  const expires = await key.getExpirationTime().catch(() => null)
  if (expires instanceof Date && expires.getTime() <= Date.now()) return expired
  return key.getEncryptionKey().then(
    () => undefined,
    () => cannotEncrypt,
  )
}

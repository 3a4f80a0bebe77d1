import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { CoinError } from '../errors.ts'
import { currentScope } from './scope.ts'

const version = 'coin1'
const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** Encrypts and reads what is kept encrypted at rest. Holds the deployment's secrets, and gives none of them. */
export interface Sealer {
  /** Encrypts a text under the current secret, for one purpose. The same text gives something else each time. */
  seal(text: string, purpose: string): string
  /** The text again. Throws when it was changed, sealed for another purpose, or under a secret that is not known any more. */
  unseal(sealed: string, purpose: string): string
  /** True when an earlier secret sealed it: seal it again, and that secret can be forgotten. */
  isOutdated(sealed: string): boolean
}

interface SealingKey {
  readonly id: string
  readonly key: Buffer
}

/** AES-256-GCM under keys that are derived from the secrets (HKDF, RFC 5869), the current one first. */
export function createSealer([current, ...earlier]: readonly [string, ...string[]]): Sealer {
  const [mine, ...others] = [keyOf(current), ...earlier.map(keyOf)] as [SealingKey, ...SealingKey[]]
  const byId = new Map([...others, mine].map(key => [key.id, key]))
  return Object.freeze<Sealer>({
    seal(text, purpose) {
      const nonce = randomBytes(nonceBytes)
      const encryption = createCipheriv(cipher, mine.key, nonce, { authTagLength: tagBytes })
      encryption.setAAD(boundTo(mine.id, purpose))
      const body = Buffer.concat([encryption.update(text, 'utf8'), encryption.final(), encryption.getAuthTag()])
      return [version, mine.id, nonce.toString('base64url'), body.toString('base64url')].join('.')
    },
    unseal(sealed, purpose) {
      const [format, id = '', nonce = '', body = '', ...rest] = sealed.split('.')
      if (format !== version || rest.length > 0) throw unreadable('It is not something that this version of Coin encrypted.')
      const known = byId.get(id)
      if (!known) throw unreadable('Put the secret that encrypted it behind the current one in COIN_SECRET, separated by a space.')
      return decrypt(known, Buffer.from(nonce, 'base64url'), Buffer.from(body, 'base64url'), purpose)
    },
    isOutdated: sealed => sealed.split('.')[1] !== mine.id,
  })
}

/**
 * Encrypts a text that has to be kept and read again, such as a private key: AES-256-GCM under a key derived from `COIN_SECRET`. The
 * purpose, such as `vpn.ca_key`, is bound to it: what is copied to another place cannot be read there. In requests, jobs and commands.
 */
export const seal = (text: string, purpose: string): string => sealer().seal(text, purpose)

/**
 * The text that `seal` was given for the same purpose. Throws `refused` when it was changed, or when neither the current secret nor an
 * earlier one (see `COIN_SECRET`) sealed it.
 */
export const unseal = (sealed: string, purpose: string): string => sealer().unseal(sealed, purpose)

/** True when an earlier secret sealed it: unseal and seal it again, and that secret can be forgotten. */
export const isSealOutdated = (sealed: string): boolean => sealer().isOutdated(sealed)

function sealer(): Sealer {
  const { sealer } = currentScope()
  if (!sealer) throw new Error('This scope has no secrets: call it inside a request, a job or a command')
  return sealer
}

/** The id says which secret, and nothing of it: it is derived beside the key. */
function keyOf(secret: string): SealingKey {
  const derived = Buffer.from(hkdfSync('sha256', secret, '', 'coin: encryption at rest', 40))
  return { id: derived.subarray(32).toString('hex'), key: derived.subarray(0, 32) }
}

const boundTo = (id: string, purpose: string) => Buffer.from(`${version}.${id}.${purpose}`, 'utf8')

function decrypt({ id, key }: SealingKey, nonce: Buffer, body: Buffer, purpose: string): string {
  try {
    const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
    decryption.setAAD(boundTo(id, purpose))
    decryption.setAuthTag(body.subarray(-tagBytes))
    return Buffer.concat([decryption.update(body.subarray(0, -tagBytes)), decryption.final()]).toString('utf8')
  } catch {
    throw unreadable('It was changed, or kept for something else. Restore it from a backup.')
  }
}

const unreadable = (hint: string) => new CoinError('refused', 'What is kept encrypted cannot be read.', { hint })

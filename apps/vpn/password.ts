import { randomInt } from 'node:crypto'
import type { Settings } from './settings.ts'

// without what is taken for something else when it is read or copied by hand: 0 o, 1 i l
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
const groups = 5
const lettersOfGroup = 4

/** A new password: five groups of four letters and figures, 99 bits. */
export function newPassword(): string {
  const group = () => Array.from({ length: lettersOfGroup }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: groups }, group).join('-')
}

/** The hash of a password as a directory checks it, with the name of its scheme in front. */
export async function hashPassword(password: string, kind: Settings['hash']): Promise<string> {
  if (kind === 'sha512crypt') {
    const { encrypt } = await import('unixcrypt')
    return `{CRYPT}${encrypt(password, '$6')}`
  }
  const { hash } = await import('@node-rs/argon2')
  // argon2id, version 1.3: what the package does unless told otherwise, and what OpenLDAP's argon2 module reads
  return `{ARGON2}${await hash(password)}`
}

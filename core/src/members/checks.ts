import * as z from 'zod'
import { keyProblem } from '../system/openpgp.ts'

/** A telephone number as people write it; empty is allowed. */
export const phone = z
  .string()
  .trim()
  .refine(
    text => text === '' || (/^\+?[0-9 ()./-]+$/.test(text) && text.replace(/\D/g, '').length >= 4),
    'Give a telephone number such as +33 6 39 98 12 34.',
  )

/** An e-mail address; what the database checks, and a dot after the @. */
export const email = z
  .string()
  .trim()
  .regex(/^[^@\s]+@[^@\s]+\.[^@\s.]+$/, 'Give an e-mail address such as amina@example.org.')

export const username = z
  .string()
  .trim()
  .regex(/^([a-z0-9][a-z0-9._-]*)?$/, 'Use lower case letters, digits, dots and dashes, and begin with a letter or a digit.')

export const country = z
  .string()
  .trim()
  .regex(/^[A-Z]{2}$/, 'Give a country code of two capitals, such as FR.')

/** An armoured OpenPGP public key to which mails can be encrypted; empty is allowed. */
export const openpgpKey = z
  .string()
  .trim()
  .superRefine(async (text, context) => {
    const message = text === '' ? undefined : await keyProblem(text)
    if (message) context.addIssue({ code: 'custom', message })
  })

/** SSH public keys, one per line; empty is allowed. Empty lines are left out. */
export const sshKeys = z
  .string()
  .transform(text =>
    text
      .split('\n')
      .map(line => line.trim())
      .filter(Boolean)
      .join('\n'),
  )
  .superRefine((text, context) => {
    const message = /PRIVATE KEY/.test(text)
      ? 'This is a private key: keep it to yourself, and give the public one.'
      : text.split('\n').every(line => line === '' || isSshKey(line))
        ? undefined
        : 'Give one public key on each line, such as the content of ~/.ssh/id_ed25519.pub.'
    if (message) context.addIssue({ code: 'custom', message })
  })

/** `ssh-ed25519 AAAA… comment`: the data begins with the length and name of the same type. */
function isSshKey(line: string): boolean {
  const [type = '', data = ''] = line.split(/\s+/)
  if (!/^(ssh|ecdsa|sk)-[a-z0-9@.-]+$/.test(type) || !/^[A-Za-z0-9+/]+=*$/.test(data)) return false
  const bytes = Buffer.from(data, 'base64')
  return bytes.length > 4 && bytes.readUInt32BE(0) === type.length && bytes.subarray(4, 4 + type.length).toString() === type
}

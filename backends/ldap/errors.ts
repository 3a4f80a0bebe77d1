import { CoinError } from 'coin'
import { ResultCodeError } from 'ldapts'

/** Result codes of LDAP (RFC 4511, 4.1.9) that Coin does something about. */
export const code = {
  sizeLimitExceeded: 4,
  referral: 10,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  inappropriateMatching: 18,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  notAllowedOnNonLeaf: 66,
  entryAlreadyExists: 68,
} as const

const hints: Readonly<Record<number, string>> = {
  [code.referral]: 'Coin does not follow referrals: give the URL of the server that takes writes.',
  [code.undefinedAttributeType]: 'Install the schema that has this attribute in the directory, or leave it out of the mapping.',
  [code.insufficientAccessRights]: 'Give the account of Coin the right to write there.',
  [code.notAllowedOnNonLeaf]: 'There are entries below it: remove them first, or see who made them.',
  [code.entryAlreadyExists]: 'Somebody made it, and the account of Coin may not see it: give it the right to read.',
}

/** The result code of an answer; `undefined` for anything else. */
export const codeOf = (error: unknown): number | undefined => (error instanceof ResultCodeError ? error.code : undefined)

/** What a directory said when it refused, in its own words and with the number of the code. Without `secrets`. */
export function diagnosticOf(error: ResultCodeError, secrets: readonly string[] = []): string {
  const said = error.message.replace(/ ?Code: 0x[0-9a-f]+$/, '').trim()
  const name = error.name.replace(/Error$/, '')
  const text = `LDAP ${error.code}, ${said || name}`
  return secrets.reduce((shown, secret) => (secret ? shown.replaceAll(secret, '•••') : shown), text)
}

/** Why one entry could not be written. */
export const refusal = (error: ResultCodeError, dn: string, secrets: readonly string[]): CoinError =>
  new CoinError('refused', 'The directory refuses {{dn}}: {{reason}}.', {
    values: { dn, reason: diagnosticOf(error, secrets).replace(/\.$/, '') },
    ...hintFor(error.code),
  })

/** Why an operation on all of it could not be done, although the directory answers. */
export const refusalOf = (what: string, error: ResultCodeError): CoinError =>
  new CoinError('refused', 'The directory refuses {{what}}: {{reason}}.', {
    values: { what, reason: diagnosticOf(error).replace(/\.$/, '') },
    ...hintFor(error.code),
  })

const hintFor = (number: number) => (hints[number] === undefined ? {} : { hint: hints[number] })

/** The directory at `url` does not answer, or answers that it cannot now. */
export const unavailable = (url: string, error: unknown): CoinError =>
  new CoinError('unavailable', 'The directory at {{url}} does not answer: {{reason}}.', {
    values: { url, reason: reasonOf(error) },
    cause: error,
  })

function reasonOf(error: unknown): string {
  if (error instanceof ResultCodeError) return diagnosticOf(error)
  if (!(error instanceof Error)) return String(error)
  const text = error.message || (error as NodeJS.ErrnoException).code || error.name
  return (text.split('\n').at(-1) ?? text).replace(/\.$/, '')
}

/** A base that is not there is never an empty one. */
export const baseMissing = (base: string): CoinError =>
  new CoinError('unavailable', 'The base {{base}} does not exist in the directory, or the account of Coin may not see it.', {
    values: { base },
    hint: 'Add the entry, or correct the base in the settings.',
  })

/** Whether an answer says that the server as a whole cannot now, whatever it was asked. */
export function isServerDown(error: unknown): boolean {
  const number = codeOf(error)
  if (number === code.busy || number === code.unavailable) return true
  // a server that is read-only for a while, or is shutting down; other refusals with this code are about what was asked
  return number === code.unwillingToPerform && error instanceof Error && /restrict|read.?only|shut/i.test(error.message)
}

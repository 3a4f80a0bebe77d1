import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { CoinError } from 'coin'

/** A text that no log, error or JSON shows. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '•••'
  }

  toJSON(): string {
    return '•••'
  }

  [inspect.custom](): string {
    return '•••'
  }
}

/** Where a password is: written in the settings, or named there. */
export interface PasswordSource {
  readonly password?: Secret | undefined
  readonly passwordFile?: string | undefined
  readonly passwordEnv?: string | undefined
}

/** Reads the password now. An empty one is refused: a directory takes it for a login without a name (RFC 4513, 5.1.2). */
export function readPassword({ password, passwordFile, passwordEnv }: PasswordSource): string {
  const text = password?.reveal() ?? (passwordFile === undefined ? fromEnvironment(passwordEnv ?? '') : fromFile(passwordFile))
  if (text) return text
  throw new CoinError('unavailable', 'The password of the LDAP account is empty ({{where}}).', {
    values: { where: passwordFile ?? passwordEnv ?? 'password' },
    hint: 'A directory would take it for a login without a name.',
  })
}

function fromEnvironment(name: string): string {
  const text = process.env[name]
  if (text !== undefined) return text
  throw new CoinError('unavailable', 'The environment variable {{name}}, which holds the password of the LDAP account, is not set.', {
    values: { name },
  })
}

// an editor ends the line; that is not part of the password
const fromFile = (file: string): string => readText(file, 'the password of the LDAP account').replace(/\r?\n$/, '')

/** A file that the settings name. `what` says what it holds, for the error. */
export function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CoinError('unavailable', 'The file {{file}}, which holds {{what}}, cannot be read: {{reason}}.', {
      values: { file, what, reason: (error as NodeJS.ErrnoException).code ?? 'unknown error' },
    })
  }
}

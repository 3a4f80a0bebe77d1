import { readFile } from 'node:fs/promises'
import { CoinError } from 'coin'

/** A setting that may be a text, a file, or an environment variable. */
export interface SecretSource {
  readonly text?: string | undefined
  readonly file?: string | undefined
  readonly env?: string | undefined
}

/** The text, read when it is needed, so that a new one counts at once; undefined when none is set. Throws `unavailable` for a file that cannot be read. */
export async function readText({ text, file, env }: SecretSource): Promise<string | undefined> {
  if (text !== undefined) return text
  if (env !== undefined) return process.env[env]?.trim() || undefined
  if (file === undefined) return undefined
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new CoinError('unavailable', 'A file of the VPN cannot be read.', {
      hint: 'Write to us. If you administer Coin: look at the files that the settings of the app vpn name.',
      cause,
    })
  }
}

import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CoinError } from './errors.ts'

const shortest = 32

/**
 * The deployment's secrets, the current one first: `COIN_SECRET`, else the file `<data>/secret`, which is made once.
 * What earlier ones encrypted is still read: they follow, separated by white space.
 */
export function loadSecrets(data: string): readonly [string, ...string[]] {
  const given = process.env.COIN_SECRET
  const file = path.join(data, 'secret')
  const [current, ...earlier] = (given || readOrMake(file)).trim().split(/\s+/)
  if (current && current.length >= shortest) return [current, ...earlier]
  throw new CoinError('boot', `The secret in ${given ? 'COIN_SECRET' : file} has fewer than ${shortest} characters.`, {
    hint: 'Give a random one, such as that of `openssl rand -base64 32`.',
  })
}

/** The current secret of the deployment; two processes that start at once get the same. */
export const loadSecret = (data: string): string => loadSecrets(data)[0]

function readOrMake(file: string): string {
  return read(file) ?? make(file)
}

// a link appears whole or not at all, and the first one stays
function make(file: string): string {
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o711 })
  writeFileSync(mine, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
  try {
    linkSync(mine, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(mine, { force: true })
  }
  return readFileSync(file, 'utf8')
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

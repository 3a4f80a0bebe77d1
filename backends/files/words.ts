import { CoinError, isCoinError } from 'coin'

const remedies: Readonly<Record<string, string>> = {
  ENOENT: 'Make the folder, and let Coin write in it.',
  ENOTDIR: 'Something else is in the way: put a folder there.',
  EACCES: 'Let the user that Coin runs as read and write there.',
  EPERM: 'Let the user that Coin runs as read and write there, or run Coin as root.',
  EROFS: 'Mount the file system so that it can be written to.',
  ENOSPC: 'Free some space.',
  EDQUOT: 'Raise the quota of the user that Coin runs as, or free some space.',
  EXDEV: 'Keep the folder on one file system.',
  EISDIR: 'Move the folder away.',
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is not a folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota is used up',
  EXDEV: 'it is on another file system',
  EISDIR: 'it is a folder',
}

const inWords = (code: 'refused' | 'unavailable', message: string, path: string, error: unknown): CoinError => {
  const name = codeOf(error) ?? ''
  const reason = reasons[name] ?? (error instanceof Error ? error.message : String(error))
  return new CoinError(code, message, { values: { path, reason }, hint: remedies[name] ?? '', cause: error })
}

/** The code of a system error. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && !isCoinError(error) ? error.code : undefined

/** Nothing is known of the target. */
export const unreadable = (path: string, error: unknown): CoinError =>
  inWords('unavailable', '{{path}} cannot be read: {{reason}}.', path, error)

/** One file, of which nothing is known. */
export const fileUnreadable = (path: string, error: unknown): CoinError =>
  inWords('refused', '{{path}} cannot be read: {{reason}}.', path, error)

/** It could not be written, and is as it was. */
export const unwritable = (path: string, error: unknown): CoinError =>
  isCoinError(error) ? error : inWords('refused', '{{path}} cannot be written: {{reason}}.', path, error)

/** A link, a folder or a device where a file should be: Coin follows none, and replaces none. */
export const notOrdinary = (path: string): CoinError =>
  new CoinError('refused', '{{path}} is not an ordinary file.', { values: { path }, hint: 'Move it away; a link is not followed.' })

import { isCoinError } from '../errors.ts'
import { Unreachable } from './targets.ts'

const silentCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** Whether an error says that a whole target does not answer, and not that it refuses something. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  if (isCoinError(error)) return error.code === 'unavailable'
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (silentCodes.has(String((cause as NodeJS.ErrnoException).code))) return true
  return false
}

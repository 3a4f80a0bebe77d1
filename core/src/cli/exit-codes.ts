import type { ErrorCode } from '../errors.ts'

/** What a command answers to the shell. 2 and 69 are the usual ones (usage; sysexits.h EX_UNAVAILABLE). */
export const exitCodes = { ok: 0, refused: 1, usage: 2, notFound: 3, conflict: 4, unavailable: 69 } as const

/** The exit code of an error. */
export function exitCodeOf(code: ErrorCode): number {
  if (code === 'not_found') return exitCodes.notFound
  if (code === 'conflict') return exitCodes.conflict
  return code === 'unavailable' ? exitCodes.unavailable : exitCodes.refused
}

export const exitCodeHelp = `
Exit codes: 0 done, 1 refused, 2 wrong usage, 3 not found, 4 changed by somebody else meanwhile, 69 database or server unavailable.`

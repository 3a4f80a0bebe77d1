import { randomBytes } from 'node:crypto'
import { databaseFailure } from '../db/errors.ts'

/** Writes one line of JSON about a failed request to stderr and returns the id that the page shows. No query, no body, no values. */
export function logFailure(error: unknown, request: { readonly method: string; readonly path: string; readonly app: string }): string {
  const id = randomBytes(6).toString('hex')
  // a long word in an address may be a token that opens something
  const path = request.path.replace(/[\w-]{32,}/g, '…')
  const line = { level: 'error', at: new Date().toISOString(), id, ...request, path, ...described(error) }
  process.stderr.write(`${JSON.stringify(line)}\n`)
  return id
}

/** What is known of an error without what was given: a failed statement's parameters stay out. */
function described(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error }
  const database = databaseFailure(error)
  const withParameters = 'params' in error && error.cause instanceof Error
  return {
    error: error.name,
    message: database?.message ?? (withParameters ? (error.cause as Error).message : error.message),
    ...(database && { sqlState: database.code, constraint: database.constraint, table: database.table }),
    stack: error.stack
      ?.split('\n')
      .filter(line => /^\s+at /.test(line))
      .slice(0, 12)
      .map(line => line.trim()),
  }
}

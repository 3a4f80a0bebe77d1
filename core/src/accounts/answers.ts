import type { FieldError } from '../errors.ts'

/** What better-auth said, in our words; undefined when it did what it was asked. */
export async function refusalOf(
  answer: Response,
  words: Readonly<Record<string, FieldError>>,
  otherwise: FieldError,
): Promise<FieldError | undefined> {
  if (answer.ok) return undefined
  const body: unknown = await answer.json().catch(() => undefined)
  const code = typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : ''
  const known = words[code] ?? always[code]
  if (known) return known
  if (answer.status === 429) return tooMany(answer)
  if (answer.status >= 500) throw new Error(`The sign-in machinery failed: ${answer.status} ${code}`)
  return otherwise
}

/** Whatever was asked for. */
const always: Readonly<Record<string, FieldError>> = {
  ACCOUNT_DISABLED: { field: '', message: 'This account is disabled. Ask an administrator.' },
  ACCOUNT_TEMPORARILY_LOCKED: { field: '', message: 'Too many wrong codes. This account takes none for a quarter of an hour.' },
}

function tooMany(answer: Response): FieldError {
  const seconds = Math.max(1, Number(answer.headers.get('X-Retry-After')) || 60)
  return { field: '', message: 'Too many attempts. Try again in {{count}} seconds.', values: { count: seconds } }
}

/** The status of a form that comes back. */
export const statusAfter = (answer: Response): 422 | 429 => (answer.status === 429 ? 429 : 422)

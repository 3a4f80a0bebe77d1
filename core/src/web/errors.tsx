import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { databaseFailure, explain } from '../db/errors.ts'
import { CoinError, type ErrorCode, isCoinError } from '../errors.ts'
import { ButtonLink } from '../ui/button.tsx'
import { Flash } from '../ui/flash.tsx'
import { sitePath } from '../ui/host.ts'
import { Page } from '../ui/page.tsx'
import { logFailure } from './log.ts'
import { wantsFragment, wantsJson } from './wants.ts'

const statuses = {
  invalid: 422,
  refused: 409,
  not_found: 404,
  not_signed_in: 401,
  forbidden: 403,
  conflict: 409,
  too_many: 429,
  unavailable: 503,
  boot: 500,
} as const satisfies Record<ErrorCode, number>

type ErrorStatus = (typeof statuses)[ErrorCode] | 400 | 413

/** The HTTP status of an error for people. */
const statusOf = (error: CoinError): ErrorStatus => {
  const own = error.detail.status
  return own === 400 || own === 413 ? own : statuses[error.code]
}

const titles: Readonly<Record<number, string>> = {
  400: 'This request cannot be read',
  401: 'You are not signed in',
  403: 'This is not for you',
  404: 'There is nothing here',
  409: 'This cannot be done',
  413: 'This is too large',
  422: 'This cannot be accepted',
  429: 'Too many attempts',
  500: 'Something went wrong here',
  503: 'Not available at the moment',
}

/** What a path answers that nobody serves. */
export const notFound = () => new CoinError('not_found', 'No page has this address, or it is not yours to see.')

/** Any error as an answer: a page in the reader's language, a part of one for htmx, or JSON. What is nobody's fault outside is logged. */
export async function errorResponse(c: Context, thrown: unknown): Promise<Response> {
  const { registry, app } = currentScope()
  const error = forPeople(explain(thrown, registry.constraints))
  const known = error ?? unknownError(logFailure(thrown, { method: c.req.method, path: c.req.path, app }))
  const status = error && error.code !== 'boot' ? statusOf(error) : 500
  if (error && status >= 500) logFailure(thrown, { method: c.req.method, path: c.req.path, app })
  return withinScope({ app: known.app ?? app, fragment: wantsFragment(c) }, () => answer(c, known, status))
}

const unknownError = (id: string) =>
  new CoinError('boot', 'The error has the number {{id}}.', {
    values: { id },
    hint: 'Tell it to whoever runs this site: the log says more.',
  })

/** PostgreSQL cannot store the character 0, nor half of a character. */
function forPeople(error: unknown): CoinError | undefined {
  if (isCoinError(error)) return error
  if (['22021', '22P05'].includes(databaseFailure(error)?.code ?? '')) return unreadableCharacter()
  return undefined
}

/** What was sent holds a character that no text can hold. */
export const unreadableCharacter = () =>
  new CoinError('invalid', 'The text holds a character that cannot be stored.', { hint: 'Remove it and try again.' })

async function answer(c: Context, error: CoinError, status: ErrorStatus): Promise<Response> {
  const message = t(error.message, error.values)
  const hint = error.hint && t(error.hint, error.values)
  if (wantsJson(c)) {
    const fields = error.fields.map(({ field, message, values }) => ({ field, message: t(message, values) }))
    return c.json(
      { error: { code: status === 500 ? 'internal' : error.code, message, ...(hint && { hint }), ...(fields.length > 0 && { fields }) } },
      status,
    )
  }
  try {
    if (currentScope().fragment) return await c.html(<ErrorFlash message={message} hint={hint} />, status)
    return await c.html(
      <ErrorPage title={t(titles[status] ?? 'This cannot be done')} message={message} hint={hint} signIn={status === 401} />,
      status,
    )
  } catch (failure) {
    // the page itself needs what has failed
    logFailure(failure, { method: c.req.method, path: c.req.path, app: currentScope().app })
    return c.text([message, hint].filter(Boolean).join('\n'), status)
  }
}

const ErrorFlash = ({ message, hint }: { message: string; hint: string | undefined }) => (
  <Flash kind="fail">
    {message}
    {hint && <> {hint}</>}
  </Flash>
)

const ErrorPage = ({ title, message, hint, signIn }: { title: string; message: string; hint: string | undefined; signIn: boolean }) => (
  <Page title={title}>
    <Flash kind="fail">
      {message}
      {hint && <> {hint}</>}
    </Flash>
    <p>
      {signIn ? (
        <ButtonLink href={sitePath('/sign-in')}>{t('Sign in')}</ButtonLink>
      ) : (
        <ButtonLink href={sitePath('/')}>{t('To the first page')}</ButtonLink>
      )}
    </p>
  </Page>
)

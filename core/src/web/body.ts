import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Registry } from '../app/registry.ts'
import { CoinError } from '../errors.ts'
import { requireAccess } from './access.ts'
import { unreadableCharacter } from './errors.tsx'

const mebibyte = 1024 * 1024

const tooLarge = () => new CoinError('invalid', 'More was sent than this site accepts: one mebibyte.', { detail: { status: 413 } })
const largerThan = (megabytes: number) =>
  new CoinError('invalid', 'More was sent than this page accepts: {{megabytes}} MB.', { values: { megabytes }, detail: { status: 413 } })
const unreadable = () =>
  new CoinError('invalid', 'What was sent cannot be read.', {
    hint: 'Open the page again and send it from there.',
    detail: { status: 400 },
  })

const upTo = (maxSize: number, error: () => CoinError): MiddlewareHandler => {
  const limit = bodyLimit({
    maxSize,
    onError: () => {
      throw error()
    },
  })
  return (c, next) => {
    // these come without a body, and asking for it builds a whole request
    if (['GET', 'HEAD'].includes(c.req.method)) return next()
    const { raw } = c.req
    // the limit copies a request whose length is not said, and the server's own kind of request cannot be copied
    if (raw.body && !raw.headers.has('content-length')) {
      // `duplex` is compulsory for a body that streams, and lacks in the types
      const copy: RequestInit & { duplex: 'half' } = { method: raw.method, headers: raw.headers, body: raw.body, duplex: 'half' }
      c.req.raw = new Request(c.req.url, copy)
    }
    return limit(c, next)
  }
}

/** Refuses bodies above 1 MiB, also those that do not say how long they are. */
export const limitedBody: MiddlewareHandler = upTo(mebibyte, tooLarge)

/**
 * The limits of a site: `before` anybody is known, all but the views that take more; `after` that, those too, once it is known that whoever sends
 * may use them.
 */
export function bodyLimits({ routes, config }: Registry): { readonly before: MiddlewareHandler; readonly after: MiddlewareHandler } {
  const larger = new Map(
    routes.flatMap(route => {
      if (route.kind !== 'view' || !route.view.largestBody) return []
      const most = route.view.largestBody
      return [[config.basePath + route.path, { access: route.access, limit: upTo(most, () => largerThan(Math.floor(most / mebibyte))) }]]
    }),
  )
  const found = (c: Context) => (c.req.method === 'POST' ? larger.get(c.req.path.replace(/(.)\/$/, '$1')) : undefined)
  return {
    before: (c, next) => (found(c) ? next() : limitedBody(c, next)),
    async after(c, next) {
      const view = found(c)
      if (!view) return next()
      return requireAccess(c, view.access) ?? view.limit(c, next)
    },
  }
}

/** Reads forms and JSON once, so that what cannot be read is refused here; the views' own `parseBody()` then has it ready. */
export const readableBody: MiddlewareHandler = async (c, next) => {
  if (hasZero(c)) throw unreadableCharacter()
  if (!['GET', 'HEAD'].includes(c.req.method)) await readBody(c)
  await next()
}

function hasZero(c: Context): boolean {
  try {
    return decodeURIComponent(c.req.url.replaceAll('+', ' ')).includes('\0')
  } catch {
    throw new CoinError('invalid', 'This address cannot be read.', { detail: { status: 400 } })
  }
}

async function readBody(c: Context): Promise<void> {
  const type = c.req.header('content-type')?.toLowerCase() ?? ''
  if (type.includes('json')) {
    const text = await attempt(() => c.req.text())
    await attempt(async () => JSON.parse(text))
  } else if (type.startsWith('multipart/form-data') || type.startsWith('application/x-www-form-urlencoded')) {
    const form = await attempt(() => c.req.formData())
    for (const [name, value] of form)
      if (name.includes('\0') || (typeof value === 'string' && value.includes('\0'))) throw unreadableCharacter()
  }
}

async function attempt<R>(read: () => Promise<R>): Promise<R> {
  try {
    return await read()
  } catch {
    throw unreadable()
  }
}

import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { CoinError } from '../errors.ts'
import { unreadableCharacter } from './errors.tsx'

const mebibyte = 1024 * 1024

const tooLarge = () => new CoinError('invalid', 'More was sent than this site accepts: one mebibyte.', { detail: { status: 413 } })
const unreadable = () =>
  new CoinError('invalid', 'What was sent cannot be read.', {
    hint: 'Open the page again and send it from there.',
    detail: { status: 400 },
  })

/** Refuses bodies above 1 MiB. */
export const limitedBody: MiddlewareHandler = bodyLimit({
  maxSize: mebibyte,
  onError: () => {
    throw tooLarge()
  },
})

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

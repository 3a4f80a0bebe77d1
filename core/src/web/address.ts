import { isIP } from 'node:net'
import type { Context } from 'hono'
import type { WebEnv } from './env.ts'

const unknown = '0.0.0.0'

/** The address that asks: the socket's; behind a proxy of ours, the last one in `X-Forwarded-For`, which the proxy wrote itself. */
export function addressOf(c: Context<WebEnv>, trustProxy: boolean): string {
  const forwarded = trustProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined
  if (forwarded && isIP(forwarded)) return forwarded
  const socket = c.env?.incoming?.socket?.remoteAddress?.replace(/%.*$/, '')
  return socket && isIP(socket) ? socket : unknown
}

import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Coin } from '../coin.ts'
import { CoinError } from '../errors.ts'
import type { WebOptions } from './env.ts'
import { createWeb } from './web.ts'

export interface ServeOptions extends WebOptions {
  readonly host?: string
  /** 0 takes any free one. */
  readonly port?: number
}
export interface Serving {
  /** Such as `http://127.0.0.1:8000/`, base path included. */
  readonly url: string
  /** Takes no more requests and waits for those under way, 10 s at most. */
  close(): Promise<void>
}

const patience = 10_000

/** Listens for requests; resolves once it does. */
export async function serveWeb(coin: Coin, options: ServeOptions = {}): Promise<Serving> {
  const { host = '127.0.0.1', port = 8000 } = options
  const server = createAdaptorServer({ fetch: createWeb(coin, options).fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(cannotListen(error, host, port)))
    server.listen(port, host, resolve)
  })
  const { port: actual } = server.address() as AddressInfo
  return {
    url: urlOf(coin, host, actual),
    close: () =>
      new Promise(resolve => {
        const giveUp = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), patience)
        server.close(() => {
          clearTimeout(giveUp)
          resolve()
        })
        if ('closeIdleConnections' in server) server.closeIdleConnections()
      }),
  }
}

/** The address of a site that listens there. */
export const urlOf = (coin: Coin, host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}${coin.registry.config.basePath}/`

function cannotListen(error: Error, host: string, port: number): Error {
  if (!('code' in error) || !['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(String(error.code))) return error
  return new CoinError('boot', 'Coin cannot listen on {{host}}, port {{port}} ({{reason}}).', {
    values: { host, port, reason: String(error.code) },
    hint: 'Another program may use it. Give another HOST or PORT.',
    cause: error,
  })
}

import type { Actor } from '../app/scope.ts'
import type { Coin } from '../coin.ts'
import { CoinError } from '../errors.ts'
import type { StatedRoute } from './stated.ts'

declare module 'hono' {
  interface ContextVariableMap {
    readonly coin: Coin
    /** Who asks; `nobody` before signing in. */
    readonly actor: Actor
    /** The address that the request comes from, as far as it can be known without believing the client. */
    readonly address: string
    /** Where people reach the site, when that is set. */
    readonly publicUrl: string | undefined
    /** Every route of the site and who may use it. */
    readonly routes: () => readonly StatedRoute[]
    /** Whether people reach the site by https. */
    readonly secure: boolean
  }
}

/** What the web server works with beside the context's variables: the socket, when there is one. */
export interface WebEnv {
  Bindings: { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } } }
}

/** How this process serves; from the environment unless given. */
export interface WebOptions {
  /** Where people reach the site, such as `https://coin.example.net`: `COIN_URL`. */
  readonly publicUrl?: string | undefined
  /** Whether `X-Forwarded-*` is a proxy's of ours: `COIN_TRUST_PROXY`. */
  readonly trustProxy?: boolean
  /** Adds `Server-Timing: db;desc="<statements>"` to each answer: `COIN_DEBUG`. */
  readonly debug?: boolean
}

/** The options with the environment filled in. */
export function settledOptions(options: WebOptions = {}): Required<WebOptions> {
  const { COIN_URL, COIN_TRUST_PROXY, COIN_DEBUG } = process.env
  const publicUrl = options.publicUrl ?? (COIN_URL || undefined)
  if (publicUrl !== undefined && !/^https?:\/\/[^/]/.test(publicUrl)) {
    throw new CoinError('boot', 'COIN_URL is not the address of a site: {{value}}', {
      values: { value: publicUrl },
      hint: 'Give one such as https://coin.example.net.',
    })
  }
  return {
    publicUrl,
    trustProxy: options.trustProxy ?? isOn(COIN_TRUST_PROXY),
    debug: options.debug ?? isOn(COIN_DEBUG),
  }
}

const isOn = (text: string | undefined) => text !== undefined && !['', '0', 'false', 'no'].includes(text.toLowerCase())

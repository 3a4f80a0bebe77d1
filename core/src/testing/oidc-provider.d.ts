/** As much of it as tests use; the package brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  interface Settings {
    readonly clients: readonly object[]
    readonly claims: Readonly<Record<string, readonly string[]>>
    readonly cookies: { readonly keys: readonly string[] }
    findAccount(context: unknown, subject: string): { readonly accountId: string; claims(): Record<string, unknown> }
  }
  type Middleware = (context: { path: string; query: Record<string, unknown> }, next: () => Promise<void>) => Promise<void>

  export default class Provider {
    constructor(issuer: string, settings: Settings)
    use(middleware: Middleware): void
    callback(): RequestListener
  }
}

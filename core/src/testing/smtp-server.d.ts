/** What the tests use of the package `smtp-server`, which brings no types. */
declare module 'smtp-server' {
  import type { Server } from 'node:net'
  import type { Readable } from 'node:stream'

  interface Address {
    readonly address: string
  }
  interface Session {
    readonly envelope: { readonly rcptTo: readonly Address[] }
  }
  interface Options {
    readonly authOptional?: boolean
    readonly disabledCommands?: readonly string[]
    onRcptTo?(address: Address, session: Session, done: (error?: Error | null) => void): void
    onData?(stream: Readable, session: Session, done: (error?: Error | null) => void): void
  }
  export class SMTPServer {
    readonly server: Server
    constructor(options: Options)
    listen(port: number, host: string, listening: () => void): void
    on(event: 'error', handle: (error: Error) => void): this
    close(closed: () => void): void
  }
}

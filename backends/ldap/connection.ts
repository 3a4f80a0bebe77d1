import type { Socket } from 'node:net'
import { CoinError, isCoinError } from 'coin'
import { Client, InvalidCredentialsError, ResultCodeError } from 'ldapts'
import { diagnosticOf, isServerDown, unavailable } from './errors.ts'
import { readPassword } from './secret.ts'
import { type LdapConnection, urlsOf } from './settings.ts'
import { openSocket } from './socket.ts'

/** One connection, logged in. It is used until it dies, and never opened again by itself. */
export class Connection {
  readonly url: string
  readonly #client: Client
  readonly #socket: Socket
  #alive = true

  private constructor(url: string, client: Client, socket: Socket) {
    this.url = url
    this.#client = client
    this.#socket = socket
    socket.once('close', () => {
      this.#alive = false
    })
  }

  get alive(): boolean {
    return this.#alive && !this.#socket.destroyed && this.#client.isConnected
  }

  /** Connects to the first server that answers, and logs in. Throws `unavailable` with what each of them said. */
  static async open(settings: LdapConnection, signal: AbortSignal): Promise<Connection> {
    const password = settings.bindDn === undefined ? '' : readPassword(settings)
    const failures: CoinError[] = []
    for (const url of urlsOf(settings)) {
      try {
        return await Connection.#openOne(url, settings, password, signal)
      } catch (error) {
        const failure = isCoinError(error) ? error : unavailable(url, error)
        // another server would refuse the same login, and may count the attempts
        if (signal.aborted || isCoinError(error)) throw failure
        failures.push(failure)
      }
    }
    if (failures.length === 1 && failures[0]) throw failures[0]
    throw new CoinError('unavailable', 'No directory answers: {{reasons}}.', {
      values: { reasons: failures.map(({ values }) => `${values.url}: ${values.reason}`).join('; ') },
    })
  }

  static async #openOne(url: string, settings: LdapConnection, password: string, signal: AbortSignal): Promise<Connection> {
    const limit = AbortSignal.timeout(settings.connectTimeout * 1000)
    const either = AbortSignal.any([signal, limit])
    let socket: Socket | undefined
    const stop = () => socket?.destroy()
    either.addEventListener('abort', stop, { once: true })
    try {
      const opened = await openSocket(url, settings, either)
      socket = opened
      const connection = new Connection(url, clientOn(opened, settings), opened)
      await connection.#client.bind(settings.bindDn ?? '', password)
      return connection
    } catch (error) {
      socket?.destroy()
      if (limit.aborted) throw new Error(`no answer in ${settings.connectTimeout} s`)
      if (!(error instanceof ResultCodeError) || isServerDown(error)) throw error
      throw new CoinError('unavailable', 'The directory at {{url}} does not let {{account}} in: {{reason}}.', {
        values: { url, account: settings.bindDn ?? 'anybody', reason: diagnosticOf(error, [password]).replace(/\.$/, '') },
        ...(error instanceof InvalidCredentialsError && { hint: 'The bind DN or its password is wrong.' }),
      })
    } finally {
      either.removeEventListener('abort', stop)
    }
  }

  /** Asks something. Throws the directory's answer when that is a refusal, and `unavailable` when there is none. */
  async ask<T>(request: (client: Client) => Promise<T>): Promise<T> {
    if (!this.alive) throw unavailable(this.url, new Error('the connection was closed'))
    try {
      return await request(this.#client)
    } catch (error) {
      if (isServerDown(error) || !(error instanceof ResultCodeError || error instanceof TypeError)) throw unavailable(this.url, error)
      throw error
    }
  }

  /** Ends it at once: what was asked and not answered fails. */
  destroy(): void {
    this.#alive = false
    this.#socket.destroy()
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    if (this.alive) await this.#client.unbind().catch(() => {})
    this.destroy()
  }
}

// the client gets a socket that is open, encrypted and verified, and no second one: it would be neither
function clientOn(socket: Socket, { timeout }: LdapConnection): Client {
  let given = false
  return new Client({
    url: 'ldap://directory',
    timeout: timeout * 1000,
    createConnection: () => {
      if (given) throw new Error('the connection was closed')
      given = true
      return gathered(socket)
    },
  })
}

/** What is asked in one turn of the process goes out in one piece: hundreds of small requests are one call of the system. */
function gathered(socket: Socket): Socket {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  let held = false
  // stands for all of its forms, whose arguments it hands on
  socket.write = ((...args: unknown[]) => {
    if (!held) {
      held = true
      socket.cork()
      process.nextTick(() => {
        held = false
        socket.uncork()
      })
    }
    return write(...args)
  }) as typeof socket.write
  return socket
}

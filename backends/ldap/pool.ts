import { CoinError } from 'coin'
import { Connection } from './connection.ts'
import type { LdapConnection } from './settings.ts'

interface Slot {
  readonly opening: Promise<Connection>
  connection?: Connection
}

/** A few connections to one directory, opened when there is work for them, and replaced when they die. */
export class Pool {
  readonly settings: LdapConnection
  readonly #slots: (Slot | undefined)[] = []
  readonly #open = new Set<Connection>()
  #closed = false

  constructor(settings: LdapConnection) {
    this.settings = settings
  }

  /** The first connection, for what is asked one after the other. */
  async first(signal: AbortSignal): Promise<Connection> {
    return this.#slot(0, signal)
  }

  /**
   * Does `work` for each item, many at a time, over as many connections as that is worth. The first thing that is thrown ends it: the
   * rest is not begun, and what was begun has ended when this throws.
   */
  async each<I>(items: readonly I[], signal: AbortSignal, work: (item: I, connection: Connection) => Promise<void>): Promise<void> {
    const { window } = this.settings
    const connections = Math.min(this.settings.connections, Math.ceil(items.length / window))
    let next = 0
    let failed: { error: unknown } | undefined
    const lane = async (slot: number) => {
      try {
        const connection = await this.#slot(slot, signal)
        while (next < items.length && !failed) await work(items[next++] as I, connection)
      } catch (error) {
        failed ??= { error }
      }
    }
    const lanes = Math.min(items.length, connections * window)
    await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index % connections)))
    if (failed) throw failed.error
  }

  /** Runs `work`; when `signal` is aborted, every connection is ended at once and what waits fails. */
  async during<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (signal.aborted) throw interrupted()
    const stop = () => this.#drop()
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await work()
    } catch (error) {
      throw signal.aborted ? interrupted() : error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const open = [...this.#open]
    this.#open.clear()
    this.#slots.length = 0
    await Promise.all(open.map(connection => connection.close()))
  }

  #slot(index: number, signal: AbortSignal): Promise<Connection> {
    if (this.#closed) throw new CoinError('unavailable', 'The connection to the directory was closed.')
    const known = this.#slots[index]
    if (known && !(known.connection && !known.connection.alive)) return known.opening
    if (known?.connection) this.#open.delete(known.connection)
    const slot: Slot = { opening: Connection.open(this.settings, signal) }
    this.#slots[index] = slot
    slot.opening.then(
      connection => {
        slot.connection = connection
        if (this.#closed) connection.destroy()
        else this.#open.add(connection)
      },
      () => {
        if (this.#slots[index] === slot) this.#slots[index] = undefined
      },
    )
    return slot.opening
  }

  #drop(): void {
    for (const connection of this.#open) connection.destroy()
    this.#open.clear()
    this.#slots.length = 0
  }
}

const interrupted = () => new CoinError('unavailable', 'The conversation with the directory was interrupted.')

import type { SQL } from 'drizzle-orm'
import type { Coin } from '../coin.ts'
import type { Log } from './log.ts'
import type { Task } from './task.ts'

/** Somebody who is told of every change after its commit. */
export interface Consumer {
  /**
   * A SELECT with the columns `id`, `at` (of the outbox row), `handler`, `key` and `change` from `moved`, which has the columns of
   * `coin.outbox`: which changes concern whom. Deliveries of one handler and key are handled together, one job at a time.
   */
  select(moved: SQL): SQL
  /**
   * An INSERT, UPDATE or DELETE that the relay makes with each move, in the same statement: for who keeps by itself what is to be done. When
   * it returns a row, those who listen on the channel are notified.
   */
  readonly mark?: { readonly channel: string; statement(moved: SQL): SQL }
  /** By handler: what takes its deliveries. The job's payload is `{ key }`. */
  readonly handlers: Readonly<Record<string, Task>>
}

/** Runs until its signal is aborted, and returns when it has let go of everything. */
export type Service = (io: { readonly log: Log; readonly signal: AbortSignal }) => Promise<void>

/** What a part of Coin does when nobody waits for it. */
export interface Background {
  readonly consumers?: readonly Consumer[]
  /** By name: tasks that are no job of an app. */
  readonly tasks?: Readonly<Record<string, Task>>
  /** What runs for as long as the worker does. */
  readonly services?: readonly Service[]
}

/** Made when a worker starts. */
export type BackgroundPart = (coin: Coin) => Background

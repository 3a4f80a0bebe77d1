import type * as z from 'zod'
import type { Tx } from '../db/database.ts'

export interface JobIo {
  readonly log: { info(message: string): void; warn(message: string): void }
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal
  /** The job's own transaction, committed when `run` returns. */
  readonly tx: Tx
}

/** Work that outlives a request. Retried until it succeeds; its payload carries ids, never secrets. */
export interface Job<P extends z.ZodType = z.ZodType> {
  readonly payload: P
  /** Cron, five fields, in the provider's time zone. Then the payload is `{}`. */
  readonly schedule?: string
  run(payload: z.output<P>, io: JobIo): Promise<void>
}

/** Declares a job, so that `run` gets what `payload` parses. */
export const defineJob = <P extends z.ZodType>(job: Job<P>): Job => job as unknown as Job

/** A command of the CLI: `coin <app> <name>`. */
export interface Command {
  readonly summary: string
  /** Positional arguments, such as `['login', 'days?']`. */
  readonly arguments?: readonly string[]
  /** Options by name: `{ dryRun: 'show only' }` is `--dry-run`; a summary that ends in `<x>` takes a value. */
  readonly options?: Readonly<Record<string, string>>
  run(input: CommandInput, tx: Tx): Promise<unknown>
}
export interface CommandInput {
  readonly arguments: Readonly<Record<string, string | undefined>>
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

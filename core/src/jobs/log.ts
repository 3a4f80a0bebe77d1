import { Logger } from 'graphile-worker'

/** Where a worker says what happens. */
export interface Log {
  info(message: string): void
  warn(message: string): void
}

/** On the process's standard error, a line each. */
export const stderrLog: Log = {
  info: message => console.error(message),
  warn: message => console.error(message),
}

/** Every line of `log` begins with `prefix`. */
export const prefixed = (log: Log, prefix: string): Log => ({
  info: message => log.info(`${prefix}: ${message}`),
  warn: message => log.warn(`${prefix}: ${message}`),
})

/** What the job queue itself says, errors and warnings only. */
export const queueLogger = (log: Log): Logger =>
  new Logger(() => (level, message) => (level === 'error' || level === 'warning' ? log.warn(message) : undefined))

export const quiet: Logger = new Logger(() => () => {})

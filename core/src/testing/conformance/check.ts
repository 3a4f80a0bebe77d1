import type { ConfigurationTable } from '../../app/configuration.ts'
import type { Conformance } from './options.ts'
import type { Stage } from './stage.ts'

/** One thing that a backend has to do. */
export interface Check {
  readonly title: string
  /** What the author has to have given for it; always, unless given. */
  readonly when?: (options: Conformance<ConfigurationTable>) => boolean
  /** Throws when the backend does not. The stage has a worker at its beginning and its end. */
  run(stage: Stage): Promise<void>
}

/** Calls that write, so far. */
export const writes = ({ control }: Stage): number => control.calls.filter(({ kind }) => kind === 'apply' || kind === 'destroy').length

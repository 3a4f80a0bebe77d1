import { CommanderError } from 'commander'
import type { Config } from '../app/config.ts'
import { cliContext } from './context.ts'
import { exitCodeOf, printError, usageCode } from './failure.ts'
import { buildProgram } from './program.ts'

/** Runs one command and gives the process's exit code. */
export async function main(config: Config, args: readonly string[]): Promise<number> {
  const context = cliContext(config, { json: args.includes('--json') })
  try {
    const program = await buildProgram(context)
    await program.parseAsync([...args], { from: 'user' })
    return context.exitCode
  } catch (error) {
    // commander has said it already
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageCode
    printError(error, context)
    return exitCodeOf(error)
  } finally {
    await context.close()
  }
}

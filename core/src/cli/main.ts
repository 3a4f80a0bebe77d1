import { Command } from 'commander'
import type { Config } from '../app/config.ts'
import { deploymentOf } from './context.ts'
import { exitCodeHelp } from './exit-codes.ts'
import { reportError } from './output.ts'
import { addRunCommands } from './run-commands.ts'

/** Runs one command of `coin` and gives its exit code. */
export async function runCli(config: Config, args: readonly string[]): Promise<number> {
  const program = new Command('coin')
    .description('The information system of an Internet provider')
    .option('--json', 'print JSON')
    .addHelpText('after', exitCodeHelp)
    .showHelpAfterError()
    .exitOverride()
  try {
    addRunCommands(program, deploymentOf(config))
    await program.parseAsync([...args], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    return reportError(error, { json: args.includes('--json') })
  }
}

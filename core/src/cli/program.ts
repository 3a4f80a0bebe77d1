import { Command } from 'commander'
import { addAppCommands } from './apps.ts'
import { addAudit } from './audit.ts'
import { addBill } from './bill.ts'
import type { CliContext } from './context.ts'
import { exitCodes } from './failure.ts'
import { addLookups } from './lookups.ts'
import { addObjectCommands } from './objects.ts'
import { addOperation } from './operation.ts'
import { addOwing } from './owing.ts'
import { addOwnCommands } from './own.ts'
import { addPermissions } from './permissions.ts'
import { addPersonal } from './personal.ts'
import { addSearch } from './search.ts'
import { addSync } from './sync.ts'
import { addTransfer } from './transfer.ts'

/** Every command: Coin's own, one group per kind of object, one per app with commands. */
export async function buildProgram(context: CliContext): Promise<Command> {
  const program = new Command('coin')
  program
    .description('The information system of an Internet provider.')
    .option('--json', 'print JSON')
    .option('--config <file>', 'the coin.config.ts to work with, instead of the one here or above')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError('(add --help for what it takes)')
    .exitOverride()
    .addHelpText(
      'after',
      `\nCOIN_DATA: where data lives (var/). DATABASE_URL: another PostgreSQL than the one that comes along. HOST, PORT: where to listen.${exitCodes}`,
    )
  addOperation(program, context)
  const registry = context.registryIfSound()
  if (registry) addObjectCommands(program, context, registry)
  if (registry) addTransfer(program, context, registry)
  addLookups(program, context)
  addPermissions(program, context)
  addSearch(program, context)
  addBill(program, context)
  addOwing(program, context)
  addPersonal(program, context)
  addSync(program, context)
  addAudit(program, context)
  addAppCommands(program, context)
  if (registry) addOwnCommands(program, context, registry)
  return program
}

import type { Command } from 'commander'
import type { CliContext } from './context.ts'

/** `coin permissions`: every route of the site, and who may use it. */
export function addPermissions(program: Command, context: CliContext): void {
  program
    .command('permissions')
    .description('every route of the site and who may use it')
    .helpGroup('Looking and letting in:')
    .option('--role <name>', 'only what this role opens')
    .option('--path <text>', 'only routes whose path holds this')
    .action(async (options: { role?: string; path?: string }) => (await import('./permissions-table.ts')).showPermissions(context, options))
}

import { type Command, Option } from 'commander'
import type { CliContext } from './context.ts'
import { groupNamed } from './group.ts'

/** What is held about members: copies of it, and forgetting. The code behind each command is loaded when it is asked for. */
export function addPersonal(program: Command, context: CliContext): void {
  const own = () => import('./personal-actions.ts')
  groupNamed(program, 'member', 'members', 'Objects:')
    .command('data')
    .description('write everything that is held about a member')
    .argument('<member>', 'id, username, e-mail address or name')
    .addOption(new Option('--format <format>', 'to read, or for programs').choices(['json', 'html']).default('json'))
    .option('--output <file>', 'instead of printing it; a new file that only you can read')
    .action(async (member: string, options: { format: 'json' | 'html'; output?: string }) => (await own()).data(context, member, options))
  const erasures = program.command('erasures').description('requests of members to be forgotten').helpGroup('Operation:')
  erasures
    .command('list')
    .description('what was asked for, and what stands in the way')
    .action(async () => (await own()).list(context))
  erasures
    .command('run')
    .description('erase what was kept of forgotten members and has reached its term, as the job does every night')
    .option('--dry-run', 'show it only')
    .action(async (options: { dryRun?: boolean }) => (await own()).run(context, options.dryRun === true))
}

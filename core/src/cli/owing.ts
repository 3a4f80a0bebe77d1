import type { Command } from 'commander'
import type { CliContext } from './context.ts'

/** What members owe, and for every cent why. The code behind each command is loaded when it is asked for. */
export function addOwing(program: Command, context: CliContext): void {
  const owing = program.command('owing').description('what members owe, what they paid, and for every cent why').helpGroup('Money:')
  const own = () => import('./owing-actions.ts')
  owing
    .command('member')
    .description('what a member owes: what is open and why, what comes next, everything before')
    .argument('<member>', 'id, username, e-mail address or name')
    .option('--page <number>', 'of everything before, the newest first', '1')
    .action(async (member: string, options: { page: string }) => (await own()).member(context, member, options))
  owing
    .command('bill')
    .description('one issued invoice, credit note, fee or donation: every cent of it')
    .argument('<number>', 'such as 2026-11-000187')
    .action(async (number: string) => (await own()).bill(context, number))
}

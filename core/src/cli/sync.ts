import { type Command, Option } from 'commander'
import type { CliContext } from './context.ts'

const heading = 'The network:'

/** For `coin sync --help`. */
const codes = `
Exit codes:
  0   the network is as it should be, or what was asked is done
  1   refused, or failed
  2   wrong usage
  3   no such backend, configuration or subscription
  5   something is not as it should be: it differs, failed, is under way or cannot be verified
  6   a comparison asks for a person: look at it, then run it with --confirm
  69  the database cannot be reached
  130 interrupted; asked again, it goes on`

/** What the network is like, what would be done to it, and having it done. The code behind each is loaded when it is asked for. */
export function addSync(program: Command, context: CliContext): void {
  const sync = program
    .command('sync')
    .description('whether the network is as it should be, and making it so')
    .helpGroup(heading)
    .addHelpText('after', codes)
  const command = (name: string, description: string) => sync.command(name).description(description).addHelpText('after', codes)
  const backend = () => new Option('--backend <name>', 'only this one')

  command('status', 'how many configurations stand how, by backend; what does not answer; the last comparisons')
    .addOption(backend())
    .action(async (options: { backend?: string }) => (await import('./sync-status.ts')).showStatus(context, options))
  command('plan', 'read the targets and print what a run would change; changes nothing')
    .addOption(backend())
    .option('--configuration <id>', 'only this one')
    .option('--subscription <reference>', 'only that of this subscription')
    .action(async (options: { backend?: string; configuration?: string; subscription?: string }) =>
      (await import('./sync-plan.ts')).showPlan(context, options),
    )
  command('run', 'compare whole targets with what should be there, put right what may be, and wait until it is; needs no running worker')
    .addOption(backend())
    .addOption(new Option('--heal <what>', 'what to put right, instead of the setting').choices(['all', 'configurations', 'none']))
    .option('--confirm', 'also when much is removed, or the target is empty')
    .action(async (options: { backend?: string; heal?: 'all' | 'configurations' | 'none'; confirm?: boolean }) =>
      (await import('./sync-run.ts')).runSync(context, options),
    )
  command('retry', 'have a worker look again now at what failed, or at one configuration')
    .addOption(backend())
    .option('--configuration <id>', 'only this one, whatever its state')
    .option('--all', 'whatever its state')
    .action(async (options: { backend?: string; configuration?: string; all?: boolean }) =>
      (await import('./sync-retry.ts')).retrySync(context, options),
    )
  command('heal', 'have a worker put right what a comparison found to differ')
    .addOption(backend().makeOptionMandatory())
    .option('--configuration <id...>', 'only these')
    .action(async (options: { backend: string; configuration?: string[] }) => (await import('./sync-retry.ts')).healSync(context, options))
  command('orphans', 'what is in a target and is explained by nothing, as of its last comparison')
    .addOption(backend())
    .option('--remove <id...>', 'have a worker remove these')
    .option('--remove-all', 'have a worker remove all of them, of one backend')
    .option('--yes', 'it is meant')
    .action(async (options: { backend?: string; remove?: string[]; removeAll?: boolean; yes?: boolean }) =>
      (await import('./sync-orphans.ts')).orphans(context, options),
    )
}

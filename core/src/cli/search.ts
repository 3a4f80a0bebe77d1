import type { Command } from 'commander'
import type { CliContext } from './context.ts'

/** The search box, at the terminal. */
export function addSearch(program: Command, context: CliContext): void {
  program
    .command('search')
    .description('everything that a text may mean: a name, an address, a phone number, a reference, a day, an amount')
    .helpGroup('Looking and letting in:')
    .argument('<text...>', 'in any notation')
    .option('--limit <number>', 'of each kind at most', '10')
    .action(async (words: string[], options: { limit: string }) =>
      (await import('./search-actions.ts')).search(context, words.join(' '), options),
    )
}

import type { Command } from 'commander'
import type { CliContext } from './context.ts'

/** The audit log: is it whole, and where does it end? */
export function addAudit(program: Command, context: CliContext): void {
  const audit = program.command('audit').description('the log of everything that was done').helpGroup('Operation:')
  const own = () => import('./audit-actions.ts')
  audit
    .command('verify')
    .description('go through the whole chain: exit code 1 when anything in it was changed, removed or added afterwards')
    .option('--expect <hash>', 'a hash kept elsewhere, as `coin audit head` printed it: the end of the log may have been cut off')
    .action(async (options: { expect?: string }) => (await own()).verify(context, options.expect))
  audit
    .command('head')
    .description('the hash of the last batch, to be kept where nobody who can change the database can change it')
    .action(async () => (await own()).head(context))
}

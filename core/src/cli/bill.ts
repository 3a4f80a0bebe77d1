import type { Command } from 'commander'
import type { CliContext } from './context.ts'

const codes = `
Exit codes:
  0   what was asked is done
  1   refused, or failed
  2   wrong usage
  3   no such run
  5   members were set aside: see why with \`coin bill show\`, then \`coin bill retry\`
  69  the database cannot be reached
  130 interrupted; \`coin bill resume\` goes on`

/** Billing everybody up to a day. The code behind each command is loaded when it is asked for. */
export function addBill(program: Command, context: CliContext): void {
  const bill = program
    .command('bill')
    .description('bill members: runs, what they would bill, who was set aside')
    .helpGroup('Money:')
    .addHelpText('after', codes)
  const command = (name: string, description: string) => bill.command(name).description(description).addHelpText('after', codes)
  const own = () => import('./bill-actions.ts')

  command('run', 'bill whatever is due up to a day, and wait until it is done; needs no running worker')
    .option('--date <date>', 'up to when, ISO; today unless given')
    .option('--dry-run', 'work out and show each line and total; `coin bill apply` then bills exactly that')
    .option('--issue', 'issue the invoices; drafts otherwise')
    .action(async (options: { date?: string; dryRun?: boolean; issue?: boolean }) => (await own()).run(context, options))
  command('list', 'the runs, newest first').action(async () => (await own()).list(context))
  command('show', 'one run: what it billed or would bill, and who was set aside')
    .argument('<run>')
    .option('--lines', 'each line of a dry run, as CSV')
    .action(async (id: string, options: { lines?: boolean }) => (await own()).show(context, id, options))
  command('apply', 'bill exactly what a dry run showed')
    .argument('<run>')
    .option('--issue', 'issue the invoices; drafts otherwise')
    .action(async (id: string, options: { issue?: boolean }) => (await own()).apply(context, id, options))
  command('drop', 'forget a dry run')
    .argument('<run>')
    .action(async (id: string) => (await own()).drop(context, id))
  command('resume', 'go on with a run that was stopped or interrupted')
    .argument('<run>')
    .action(async (id: string) => (await own()).resume(context, id))
  command('retry', 'try those again who were set aside')
    .argument('<run>')
    .action(async (id: string) => (await own()).retry(context, id))
  command('issue', 'issue drafts: of one run, or all of them')
    .option('--run <run>', 'only those of this run')
    .action(async (options: { run?: string }) => (await own()).issue(context, options))
}

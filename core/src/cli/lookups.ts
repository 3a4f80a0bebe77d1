import type { Command } from 'commander'
import type { CliContext } from './context.ts'

const heading = 'Looking and letting in:'

/** Administrators, mails, and who held an address. */
export function addLookups(program: Command, context: CliContext): void {
  const command = (name: string, description: string) => program.command(name).description(description).helpGroup(heading)
  const admin = command('admin', 'those who work for the provider')
  admin
    .command('create')
    .description('add somebody who works for the provider; without COIN_ADMIN_PASSWORD, a password is made and printed once')
    .requiredOption('--email <address>', 'signs in with it')
    .option('--name <name>', 'as others see it', 'Administrator')
    .action(async (options: { email: string; name: string }) => (await import('./lookup-actions.ts')).createAdmin(context, options))
  const mail = command('mail', 'mails sent and waiting')
  mail
    .command('list')
    .description('the last ones, newest first')
    .option('--limit <number>', 'so many', '50')
    .action(async (options: { limit: string }) => (await import('./lookup-actions.ts')).showMails(context, options))
  mail
    .command('show')
    .description('one with its text')
    .argument('<id>')
    .action(async (id: string) => (await import('./lookup-actions.ts')).showMail(context, id))
  command('address', 'who held an address, now or at a moment')
    .argument('<address>', 'an address or a prefix')
    .option('--at <moment>', 'such as "2026-11-22 18:00", in the provider’s time zone; now unless given')
    .action(async (address: string, options: { at?: string }) => (await import('./lookup-actions.ts')).whoHeld(context, address, options))
}

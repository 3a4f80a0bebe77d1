import type { Command } from 'commander'
import type { CliContext } from './context.ts'

const heading = 'Running Coin:'

/** What starts, stops and checks a deployment. The code behind each is loaded when it is asked for. */
export function addOperation(program: Command, context: CliContext): void {
  const command = (name: string, description: string) => program.command(name).description(description).helpGroup(heading)

  command('start', 'all of it: database, migrations, first administrator, web and jobs')
    .option('--demo', 'load a small provider to try things on, if there is nothing yet')
    .option('--no-work', 'leave jobs to `coin work`')
    .action(async (options: { demo?: boolean; work: boolean }) => (await import('./serve.ts')).start(context, options))
  command('serve', 'the web, and jobs; migrates nothing')
    .option('--no-work', 'leave jobs to `coin work`')
    .action(async (options: { work: boolean }) => (await import('./serve.ts')).serve(context, options))
  command('work', 'jobs only').action(async () => (await import('./serve.ts')).work(context))
  command('migrate', 'bring the database up to what the apps need').action(async () => (await import('./database.ts')).migrate(context))
  command('check', 'the apps, their settings, the database and its migrations').action(async () =>
    (await import('./database.ts')).check(context),
  )
  const database = command('database', 'the PostgreSQL that comes with Coin')
  database
    .command('stop')
    .description('stop it; the next command that needs it starts it')
    .action(async () => (await import('./database.ts')).stop(context))
  database
    .command('url')
    .description('start it if need be and print its address, for psql and other programs')
    .action(async () => (await import('./database.ts')).printUrl(context))
}

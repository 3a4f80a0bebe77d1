import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { kebab } from './options.ts'
import { print, table } from './output.ts'

/** Apps: which there are, a new one, and what one that is gone has left. */
export function addAppCommands(program: Command, context: CliContext): void {
  const app = program.command('app').description('the apps of this deployment').helpGroup('Apps:')
  app
    .command('list')
    .description('which are installed, and what they bring')
    .action(() => list(context))
  app
    .command('new')
    .description('write a new app into apps/, and add it to coin.config.ts')
    .argument('<name>', 'lower case letters, digits and underscores')
    .action(async (name: string) => (await import('./app-new-action.ts')).run(context, name))
  app
    .command('purge')
    .description('show what an app that was removed has left in the database, and drop it')
    .argument('<name>')
    .option('--yes', 'drop it')
    .option('--remove-configurations', 'together with the configurations of its types, and their addresses')
    .action(async (name: string, options: { yes?: boolean; removeConfigurations?: boolean }) =>
      (await import('./app-purge.ts')).purge(context, name, options),
    )
}

function list(context: CliContext): void {
  const registry = context.registry()
  const apps = registry.apps.map(({ name, verboseName, contributions }) => ({
    name,
    verboseName,
    core: registry.coreApps.has(name),
    configurations: (contributions.configurations ?? []).map(({ type }) => type),
    resources: (contributions.resources ?? []).map(resource => resource.name),
    commands: Object.keys(contributions.commands ?? {}).map(kebab),
  }))
  print(context, apps, () =>
    table(
      ['App', 'Name', 'Brings'],
      apps.map(app => [
        app.name + (app.core ? ' (core)' : ''),
        app.verboseName,
        [
          ...app.configurations.map(type => `configuration ${type}`),
          ...app.resources,
          ...app.commands.map(command => `coin ${app.name} ${command}`),
        ].join(', '),
      ]),
    ),
  )
}

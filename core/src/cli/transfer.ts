import type { Command } from 'commander'
import { inSentence } from '../admin/find.ts'
import { bulkFields } from '../admin/transfer/bulk-fields.ts'
import { formats } from '../admin/transfer/formats.ts'
import { isImportable, kindsIn } from '../admin/transfer/kinds.ts'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Variant } from '../app/resource.ts'
import { withinScope } from '../app/scope.ts'
import { changeMany, removeMany } from './bulk-actions.ts'
import type { CliContext } from './context.ts'
import { groupNamed } from './group.ts'
import type { ObjectCommand } from './object-actions.ts'
import { collectFilters, kebab } from './options.ts'
import { exportRows, importRows } from './transfer-actions.ts'

/** `coin <object> export|import|bulk-change|bulk-remove` for every resource, and `coin import` for files of several kinds. */
export function addTransfer(program: Command, context: CliContext, registry: Registry): void {
  for (const { app, resource } of registry.resources.values())
    addCommands(program, context, registry, { name: resource.name, app, resource })
  for (const kind of kindsIn(registry).values()) if (!registry.resources.has(kind.name)) addCommands(program, context, registry, kind)
  const all = program
    .command('import')
    .summary('import a file of several kinds')
    .description('import rows of several kinds: JSON with a list for each, or a spreadsheet with a sheet for each')
  importOptions(all).action((file: string, options) => context.withCoin(coin => importRows({ coin, context }, '', file, options)))
}

function addCommands(program: Command, context: CliContext, registry: Registry, { name, app, resource }: Variant) {
  const group = groupNamed(program, name, resource.labelPlural, 'Objects:')
  const kinds = inSentence(resource.labelPlural)
  const run = (work: (command: ObjectCommand) => Promise<void>) => {
    context.subject = name
    context.labels = Object.fromEntries(Object.entries(resource.fields).map(([field, { label }]) => [field, t(label)]))
    return context.withCoin((coin, actor) => withinScope({ app }, () => work({ coin, actor, resource, registry, context })))
  }
  const ofList = variantView(registry, name, resource)
  narrowing(
    group.command('export').description(`write ${kinds} to a file: all that are in the list, with every field but the secret ones`),
    resource,
    registry,
  )
    .option('--sort <column>', 'in this order; with - in front turned round')
    .option('--format <format>', `${formats.join(', ')}; by the name of the file unless given`)
    .option('--output <file>', 'where to; - for standard output', '-')
    .option('--no-mark', 'of CSV: without the mark at the start by which spreadsheets know UTF-8')
    .action(options =>
      run(command => exportRows({ ...command, resource: ofList.resource }, { ...options, view: ofList.view ?? options.view })),
    )
  if (isImportable(resource) && !resource.variants)
    importOptions(group.command('import').description(`import ${kinds} from a file: CSV, XLSX or JSON`)).action((file: string, options) =>
      run(({ coin }) => importRows({ coin, context }, name, file, options)),
    )
  if (bulkFields(resource).length > 0)
    narrowing(group.command('bulk-change').description(`give all ${kinds} of a list the same values`), resource, registry)
      .requiredOption(
        '--set <field=value>',
        `one of ${bulkFields(resource)
          .map(field => kebab(field.name))
          .join(', ')}; may be given several times`,
        collectFilters,
        {},
      )
      .option('--yes', 'do it, instead of saying what it would do')
      .action(options => run(command => changeMany(command, { ...options, view: ofList.view ?? options.view })))
  if (resource.removable !== false && !ofList.view)
    narrowing(group.command('bulk-remove').description(`remove all ${kinds} of a list`), resource, registry)
      .option('--yes', 'do it, instead of saying what it would do')
      .action(options => run(command => removeMany(command, options)))
}

/** The list that rows of a kind are in: of a kind among several, the view of that name. */
function variantView(registry: Registry, name: string, resource: AnyResource) {
  const list = registry.resources.get(resource.name)?.resource ?? resource
  return { resource: list, view: name === resource.name ? undefined : name }
}

function narrowing(command: Command, resource: AnyResource, registry: Registry): Command {
  if (resource.list.search) command.option('--search <text>', 'only those that match')
  const filters = Object.keys(resource.list.filters ?? {})
  if (filters.length > 0)
    command.option(
      '--filter <name=value>',
      `only those with this value; of ${filters.join(', ')}; may be given several times`,
      collectFilters,
      {},
    )
  const views = ((resource.listFor?.('', registry) ?? resource.list).views ?? []).map(view => view.name)
  return views.length > 0 ? command.option('--view <name>', `one of ${views.join(', ')}`) : command
}

const importOptions = (command: Command): Command =>
  command
    .argument('<file>', 'the file; - for standard input')
    .option('--yes', 'import it, instead of saying what it would do')
    .option('--good-rows', 'import the rows that are right and leave the others')

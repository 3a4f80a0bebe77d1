import type { Command } from 'commander'
import { settleFields } from '../admin/fields.ts'
import { inSentence } from '../admin/find.ts'
import { partsOf } from '../admin/list-filter.ts'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Variant } from '../app/resource.ts'
import { withinScope } from '../app/scope.ts'
import type { CliContext } from './context.ts'
import { groupNamed } from './group.ts'
import { addOne, changeOne, listAll, type ObjectCommand, removeOne, showOne } from './object-actions.ts'
import { collectFilters, fieldOptions, kebab, rawOf } from './options.ts'

/** `coin <object> list|show|add|change|remove` for every resource, from its declaration. */
export function addObjectCommands(program: Command, context: CliContext, registry: Registry): void {
  for (const { app, resource } of registry.resources.values()) {
    addGroup(program, context, registry, { name: resource.name, app, resource })
    for (const variant of resource.variants?.(registry) ?? []) addGroup(program, context, registry, variant)
  }
}

function addGroup(program: Command, context: CliContext, registry: Registry, { name, app, resource }: Variant) {
  const kind = inSentence(resource.label)
  const group = groupNamed(program, name, t('{{kinds}}: list, show, add, change, remove', { kinds: resource.labelPlural }), 'Objects:')
  const run = (work: (command: ObjectCommand) => Promise<void>) => {
    context.subject = name
    context.labels = Object.fromEntries(Object.entries(resource.fields).map(([name, field]) => [name, t(field.label)]))
    return context.withCoin((coin, actor) => withinScope({ app }, () => work({ coin, actor, resource, registry, context })))
  }

  const list = group.command('list').description(`list ${inSentence(resource.labelPlural)}`)
  if (resource.list.search) list.option('--search <text>', resource.list.searchHint?.toLowerCase() ?? 'only those that match')
  const filters = partsOf(resource.list.filters ?? {}).map(({ parameter }) => parameter)
  if (filters.length > 0)
    list.option(
      '--filter <name=value>',
      `only those with this value; of ${filters.join(', ')}; may be given several times`,
      collectFilters,
      {},
    )
  const views = ((resource.listFor?.('', registry) ?? resource.list).views ?? []).map(view => view.name)
  if (views.length > 0) list.option('--view <name>', `one of ${views.join(', ')}`)
  list.option(
    '--sort <column>',
    `one of ${resource.list.columns
      .filter(column => !column.late)
      .map(column => column.key)
      .join(', ')}; with - in front to turn it round`,
  )
  list.option('--page <number>', 'from 1').option('--limit <number>', 'rows of a page, 50 unless given')
  list.action(options => run(command => listAll(command, options)))

  group
    .command('show')
    .description(`show one ${kind}`)
    .argument('<which>', named(resource))
    .action((which: string) => run(command => showOne(command, which)))

  if (resource.add.length > 0) {
    const add = group.command('add').description(`add one ${kind}`)
    const fields = settleFields(resource.table, resource.fields, resource.add)
    for (const option of fieldOptions(fields)) add.addOption(option)
    planOptions(add, resource)
    add.action(options => run(command => addOne(command, rawOf(fields, options), options)))
  }
  if (resource.change.length > 0) {
    const change = group.command('change').description(`change one ${kind}; what is not named stays`).argument('<which>', named(resource))
    const fields = settleFields(resource.table, resource.fields, resource.change)
    for (const option of fieldOptions(fields, { required: false })) change.addOption(option)
    change.option('--if-version <number>', 'only if nobody changed it since this version')
    planOptions(change, resource)
    change.action((which: string, options) =>
      run(command => changeOne(command, which, rawOf(fields, options), options.ifVersion, `--${kebab(resource.change[0] ?? '')}`, options)),
    )
  }
  if (resource.removable !== false) {
    const remove = group
      .command('remove')
      .description(`remove one ${kind}`)
      .argument('<which>', named(resource))
      .option('--yes', 'do it, instead of saying what it would do')
    planOptions(remove, resource)
    remove.action((which: string, options) => run(command => removeOne(command, which, options.yes === true, options)))
  }
}

function planOptions(command: Command, { planned }: AnyResource) {
  if (!planned) return
  command
    .option('--plan', 'say what it would do to bills, to addresses and on every backend, and change nothing')
    .option('--if-plan <hash>', 'only if it would still do what --plan said')
}

const named = (resource: AnyResource) => (resource.find ? 'its id, or what names it' : 'its id')

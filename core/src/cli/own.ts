import type { Command } from 'commander'
import { t } from '../app/i18n.ts'
import type { Command as AppCommand } from '../app/job.ts'
import type { Registry } from '../app/registry.ts'
import { withinScope } from '../app/scope.ts'
import type { CliContext } from './context.ts'
import { groupNamed } from './group.ts'
import { kebab } from './options.ts'
import { cell, print, table } from './output.ts'

/** Apps of the core whose commands stand beside `bill` and `owing`. */
const ofMoney = ['payments', 'fees', 'reminders', 'accounting']

/** The commands of the apps: `coin <app> <command>`. Each runs in a transaction. */
export function addOwnCommands(program: Command, context: CliContext, registry: Registry): void {
  for (const { app, name, command } of registry.commands) {
    const verboseName = registry.apps.find(known => known.name === app)?.verboseName ?? app
    const group = groupNamed(program, app, verboseName, ofMoney.includes(app) ? 'Money:' : 'Apps:')
    addOne(group.command(kebab(name)).description(command.summary), context, app, command)
  }
}

function addOne(target: Command, context: CliContext, app: string, command: AppCommand) {
  const names = command.arguments ?? []
  for (const name of names) target.argument(name.endsWith('?') ? `[${name.slice(0, -1)}]` : `<${name}>`)
  for (const [name, summary] of Object.entries(command.options ?? {})) {
    const value = / ?(<[^<>]+>)$/.exec(summary)
    target.option(value ? `--${kebab(name)} ${value[1]}` : `--${kebab(name)}`, value ? summary.slice(0, value.index) : summary)
  }
  target.action(async (...given: unknown[]) => {
    const texts = Object.fromEntries(names.map((name, index) => [name.replace(/\?$/, ''), given[index] as string | undefined]))
    // commander gives the options after the arguments
    const options = given[names.length] as Readonly<Record<string, string | boolean | undefined>>
    context.subject = app
    const result = await context.withCoin((coin, actor) =>
      withinScope({ app }, () => coin.transaction(actor, tx => command.run({ arguments: texts, options }, tx))),
    )
    if (result !== undefined || context.json) print(context, result ?? null, () => inWords(result))
  })
}

/** Rows as a table, sentences translated, anything else as JSON. */
function inWords(result: unknown): string {
  if (typeof result === 'string') return t(result)
  if (!isRows(result)) return typeof result === 'object' ? JSON.stringify(result, null, 2) : cell(result)
  const headings = [...new Set(result.flatMap(row => Object.keys(row)))]
  return result.length === 0
    ? t('None')
    : table(
        headings,
        result.map(row => headings.map(heading => cell(row[heading]))),
      )
}

const isRows = (result: unknown): result is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(result) && result.every(row => typeof row === 'object' && row !== null)

import { settleFields } from '../admin/fields.ts'
import { findRow, inSentence, requireRow } from '../admin/find.ts'
import { tellValue } from '../admin/history.ts'
import { isSortable, labelsOf, listRows } from '../admin/list.ts'
import { partsOf } from '../admin/list-filter.ts'
import { parseInput, type Raw } from '../admin/parse-input.ts'
import { addRow, changeRow, removeRow } from '../admin/write.ts'
import { t } from '../app/i18n.ts'
import type { PlannedChange } from '../app/plan.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Choice, Filter, ListColumn, Row } from '../app/resource.ts'
import type { Actor } from '../app/scope.ts'
import type { Coin } from '../coin.ts'
import { CoinError, type FieldError } from '../errors.ts'
import type { CliContext } from './context.ts'
import { usage } from './failure.ts'
import { cell, facts, plainText, print, table } from './output.ts'
import { movedWords, planWords } from './plan-words.ts'

/** A command about objects of one kind. */
export interface ObjectCommand {
  readonly coin: Coin
  readonly actor: Actor
  readonly resource: AnyResource
  readonly registry: Registry
  readonly context: CliContext
}

interface ListOptions {
  readonly search?: string
  readonly filter?: Readonly<Record<string, string>>
  readonly view?: string
  readonly sort?: string
  readonly page?: string
  readonly limit?: string
}

/** What a filter takes. */
function wanted({ kind }: Filter, choices: readonly Choice[] = []): string {
  switch (kind) {
    case 'date':
      return 'Give a date such as 2026-11-30.'
    case 'number':
    case 'money':
      return 'Give a number such as 12.50.'
    case 'boolean':
      return 'Use yes or no.'
    case 'reference':
      return 'Give its number.'
    case 'text':
      return 'Give a part of the text.'
    default:
      return `Use one of ${choices.map(choice => choice.value).join(', ')}.`
  }
}

/** Unlike a page, a command says what it does not understand: a script must not take all rows for some. */
export async function listAll({ coin, resource, context }: ObjectCommand, options: ListOptions): Promise<void> {
  const size = number(options.limit, '--limit')
  const result = await listRows(resource, coin.database.db, {
    search: options.search,
    filters: options.filter,
    view: options.view,
    sort: options.sort,
    page: number(options.page, '--page'),
    size,
  })
  const { list } = result
  for (const [name, value] of Object.entries(options.filter ?? {})) {
    const parts = partsOf(list.filters ?? {})
    const part = parts.find(({ parameter }) => parameter === name)
    if (!part) throw usage(`There is no filter ${name}.`, `Use one of ${parts.map(({ parameter }) => parameter).join(', ')}.`)
    if (result.filters[name] === undefined) throw usage(`No ${name} is '${value}'.`, wanted(part.filter, result.choices[name]))
  }
  if (options.view !== undefined && result.view !== options.view)
    throw usage(`There is no view ${options.view}.`, `Use one of ${(result.list.views ?? []).map(view => view.name).join(', ')}.`)
  if (options.sort !== undefined && result.sort.key !== options.sort.replace(/^-/, '')) {
    throw usage(
      `These cannot be sorted by ${options.sort}.`,
      `Use one of ${list.columns
        .filter(isSortable)
        .map(column => column.key)
        .join(', ')}.`,
    )
  }
  const { rows, total, page } = result
  if (context.json) return print(context, { total, page, size: result.size, rows }, () => '')
  const cells = await Promise.all(
    rows.map(async row => [String(row.id), ...(await Promise.all(list.columns.map(column => shown(column, row))))]),
  )
  const narrowed = [options.search, options.view, options.filter].some(option => option !== undefined)
  const footer = total > rows.length ? `\n${rows.length} of ${total}; page ${page}.` : ''
  print(context, rows, () =>
    total === 0
      ? narrowed
        ? t('Nothing matches')
        : t('None yet')
      : table(['Id', ...list.columns.map(column => t(column.label))], cells) + footer,
  )
}

const shown = async (column: ListColumn, row: Row) =>
  column.render ? plainText(String(await (await column.render(row[column.key], row)).toString())) : cell(row[column.key])

function number(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usage(`${option} takes a number from 1, not '${text}'.`, `For example ${option} 2.`)
  return Number(text)
}

export async function showOne(given: ObjectCommand, which: string): Promise<void> {
  const found = await rowOf(given, which)
  const kind = await given.resource.variantOf?.(found.id, given.coin.database.db)
  const variant = given.resource.variants?.(given.registry).find(({ name }) => name === kind)
  const command = variant ? { ...given, resource: variant.resource } : given
  const row = variant ? await requireRow(variant.resource, found.id, given.coin.database.db) : found
  const entries = command.context.json ? [] : await told(command, row)
  print(command.context, withoutSecrets(command.resource, row), () => facts(entries))
}

/** The fields as a page shows them: labels, choices by their names, references by what they point to. */
async function told({ coin, resource, registry }: ObjectCommand, row: Row): Promise<[string, string][]> {
  const names = [...new Set([...resource.add, ...resource.change])].filter(name => !resource.fields[name]?.secret)
  const entries: [string, string][] = [
    ['Id', String(row.id)],
    [t('Name'), resource.describe(row)],
  ]
  for (const field of settleFields(resource.table, resource.fields, names)) {
    const value = row[field.name]
    const labels =
      field.reference && typeof value === 'number'
        ? await labelsOf(registry, coin.database.db, field.reference, [value])
        : new Map<string, string>()
    const choices = typeof field.choices === 'function' && !field.reference ? await field.choices(coin.database.db) : field.choices
    const said = tellValue(value, { ...field, ...(choices && { choices }) }, new Map([[field.reference ?? '', labels]]))
    if (said) entries.push([t(field.label), said])
  }
  const named = entries.some(([label, said], n) => n > 1 && label === t('Name') && said === resource.describe(row))
  return named ? entries.filter((_, n) => n !== 1) : entries
}

async function rowOf({ coin, resource, registry }: ObjectCommand, which: string): Promise<Row> {
  const id = await findRow(registry, coin.database.db, resource.name, which.trim())
  if (id === undefined)
    throw new CoinError('not_found', 'There is no {{kind}} “{{text}}”.', {
      values: { kind: inSentence(t(resource.label)), text: which.slice(0, 80) },
    })
  return requireRow(resource, id, coin.database.db)
}

/** To see what a change would do instead of doing it, or to do it only if that is still what was seen. */
export interface Planning {
  readonly plan?: boolean
  readonly ifPlan?: string
}

/** Makes the change and gives what it gives; undefined when its plan was printed instead. */
async function make<R>({ coin, context }: ObjectCommand, { plan, ifPlan }: Planning, input: unknown, change: PlannedChange<R>) {
  if (plan) {
    const found = await coin.planner.plan(input, change)
    return void print(context, found, () => planWords(found))
  }
  if (ifPlan === undefined) return { done: await change(coin) }
  const result = await coin.planner.apply(input, change, ifPlan)
  if ('done' in result) return result
  throw new CoinError('conflict', 'The world has moved since: {{what}}.', {
    values: { what: movedWords(result.moved) },
    hint: 'Nothing was done. Look with --plan at what it would do now.',
  })
}

export async function addOne(command: ObjectCommand, raw: Raw, planning: Planning = {}): Promise<void> {
  const { coin, actor, resource, registry } = command
  const fields = settleFields(resource.table, resource.fields, resource.add)
  const parsed = await parseInput(registry, coin.database.db, fields, raw, 'add')
  if (!parsed.ok) throw refusal(parsed.errors)
  const input = { add: resource.name, values: parsed.values }
  const made = await make(command, planning, input, writer => addRow(writer, actor, resource, parsed.values))
  if (made) await tell(command, await requireRow(resource, made.done, coin.database.db), '{{kind}} {{id}} is added: {{name}}.')
}

export async function changeOne(
  command: ObjectCommand,
  which: string,
  raw: Raw,
  ifVersion: string | undefined,
  example: string,
  planning: Planning = {},
): Promise<void> {
  const { coin, actor, resource, registry } = command
  const version = number(ifVersion, '--if-version')
  if (Object.keys(raw).length === 0) throw usage('Nothing to change.', `Give what to change, such as ${example}.`)
  const row = await rowOf(command, which)
  const fields = settleFields(resource.table, resource.fields, resource.change)
  const parsed = await parseInput(registry, coin.database.db, fields, raw, 'change')
  if (!parsed.ok) throw refusal(parsed.errors)
  const input = { change: resource.name, id: row.id, version: row.version, values: parsed.values }
  const made = await make(command, planning, input, writer => changeRow(writer, actor, resource, row.id, version, parsed.values))
  if (made) await tell(command, await requireRow(resource, row.id, coin.database.db), '{{kind}} {{id}} is saved: {{name}}.')
}

export async function removeOne(command: ObjectCommand, which: string, yes: boolean, planning: Planning = {}): Promise<void> {
  const { coin, actor, resource } = command
  const row = await rowOf(command, which)
  if (!yes && !planning.plan && planning.ifPlan === undefined) {
    const consequences = (await resource.consequences?.(row, coin.database.db)) ?? []
    throw usage(['Nothing is removed yet.', ...consequences].join(' '), 'Add --yes to remove it.')
  }
  const input = { remove: resource.name, id: row.id, version: row.version }
  const made = await make(command, planning, input, writer => removeRow(writer, actor, resource, row.id))
  if (made) await tell(command, row, '{{kind}} {{id}} is removed: {{name}}.')
}

async function tell({ resource, context }: ObjectCommand, row: Row, sentence: string): Promise<void> {
  print(context, withoutSecrets(resource, row), () => t(sentence, { kind: t(resource.label), id: row.id, name: resource.describe(row) }))
}

const refusal = (fields: readonly FieldError[]) => new CoinError('invalid', 'Some values are not accepted.', { fields })

const withoutSecrets = (resource: AnyResource, row: Row): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !resource.fields[name]?.secret))

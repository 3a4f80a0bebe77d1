import { parseInput } from '../admin/parse-input.ts'
import { bulkFields } from '../admin/transfer/bulk-fields.ts'
import { idsOfChosen } from '../admin/transfer/bulk-rows.ts'
import { applyBulk, type BulkOutcome, type BulkRequest, rehearseBulk } from '../admin/transfer/bulk-write.ts'
import { t } from '../app/i18n.ts'
import { CoinError } from '../errors.ts'
import { usage } from './failure.ts'
import { type Narrowing, narrowedQuery } from './narrowed.ts'
import type { ObjectCommand } from './object-actions.ts'
import { kebab } from './options.ts'
import { print, table } from './output.ts'

interface BulkOptions extends Narrowing {
  readonly yes?: boolean
  readonly set?: Readonly<Record<string, string>>
}

/** Gives all rows of a list the same values: says what that would do; with `--yes`, does it. */
export async function changeMany(command: ObjectCommand, options: BulkOptions): Promise<void> {
  const { coin, resource, registry } = command
  const fields = bulkFields(resource)
  const raw = Object.fromEntries(
    Object.entries(options.set ?? {}).map(([name, value]) => {
      const field = fields.find(each => each.name === name || kebab(each.name) === name || kebab(each.name.replace(/Id$/, '')) === name)
      if (!field) throw usage(`There is no field ${name} to set.`, `Use one of ${fields.map(each => kebab(each.name)).join(', ')}.`)
      return [field.name, value]
    }),
  )
  const parsed = await parseInput(
    registry,
    coin.database.db,
    fields.filter(({ name }) => name in raw),
    raw,
    'change',
  )
  if (!parsed.ok) throw new CoinError('invalid', 'Some values are not accepted.', { fields: parsed.errors })
  await carryOut(command, options, parsed.values)
}

/** Removes all rows of a list, likewise. */
export const removeMany = (command: ObjectCommand, options: BulkOptions): Promise<void> => carryOut(command, options, undefined)

async function carryOut(command: ObjectCommand, options: BulkOptions, values: BulkRequest['values']): Promise<void> {
  const { coin, resource, registry, context } = command
  const list = registry.resources.get(resource.name)?.resource ?? resource
  const query = await narrowedQuery({ ...command, resource: list }, options)
  const address = new URLSearchParams({ ...(query.search && { q: query.search }), ...(query.view && { view: query.view }) })
  for (const [name, value] of Object.entries(query.filters ?? {})) if (value) address.set(name, value)
  const ids = await idsOfChosen(list, { query: String(address) }, coin.database.db)
  const request = { resource, ids, values }
  const outcome = await rehearseBulk(coin, request)
  const done = options.yes === true && outcome.refused.length === 0 && outcome.changed > 0
  if (done) await applyBulk(coin, coin, request, outcome.digest)
  if (outcome.refused.length > 0) context.exitCode = 1
  const { sample: _, ...told } = outcome
  print(context, { ...told, done }, () => words(outcome, values !== undefined, done))
}

function words({ changed, same, refused }: BulkOutcome, changes: boolean, done: boolean): string {
  const what = changes ? 'changed' : 'removed'
  const why = refused.map(({ name, message, values, hint }) => [
    name,
    [t(message, values), hint && t(hint, values)].filter(Boolean).join(' '),
  ])
  if (refused.length > 0) return [table(['Row', 'Why not'], why), '', 'Nothing was done: all of them together, or none.'].join('\n')
  if (changed === 0) return `There is nothing to do: ${same} rows have these values already.`
  return done ? `${changed} rows are ${what}.` : `${changed} rows would be ${what}, ${same} stay the same. Add --yes to do it.`
}

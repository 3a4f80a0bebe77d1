import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import type { SettledField } from './fields.ts'
import { type ToldEntry, tellValue } from './history.ts'
import { labelsOf } from './list.ts'

type Values = Readonly<Record<string, unknown>>

/** What was typed against what is stored, as a person reads it: only what differs. */
export async function tellInput(
  registry: Registry,
  tx: Tx,
  fields: readonly SettledField[],
  typed: Values,
  stored: Values = {},
): Promise<ToldEntry['changes']> {
  const told = []
  for (const field of fields) {
    const [before, after] = [stored[field.name], typed[field.name]]
    if (!(field.name in typed) || text(before) === text(after)) continue
    const say = async (value: unknown) => {
      if (field.secret) return ''
      const labels = field.reference && typeof value === 'number' ? await labelsOf(registry, tx, field.reference, [value]) : undefined
      const choices = typeof field.choices === 'function' && !field.reference ? await field.choices(tx) : field.choices
      return tellValue(
        value,
        { ...field, ...(choices && { choices }) },
        new Map(labels && field.reference ? [[field.reference, labels]] : []),
      )
    }
    told.push({ label: t(field.label), before: await say(before), after: await say(after), secret: field.secret === true })
  }
  return told
}

const text = (value: unknown) => (value === null || value === undefined ? '' : value instanceof Date ? value.toISOString() : String(value))

import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import type { LoadedField } from './fields.ts'
import { idIn } from './find.ts'
import { labelsOf } from './list.ts'

/** The values of a form, with what is looked up while one types shown by its name. */
export async function lookupLabels(
  registry: Registry,
  tx: Tx,
  fields: readonly LoadedField[],
  values: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const shown: Record<string, unknown> = { ...values }
  for (const { name, lookup, reference } of fields) {
    const id = lookup && idIn(String(values[name] ?? ''))
    if (!id || !reference) continue
    const label = (await labelsOf(registry, tx, reference, [id])).get(String(id))
    if (label) shown[name] = `${label} #${id}`
  }
  return shown
}

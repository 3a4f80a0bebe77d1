import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import type { FieldError } from '../errors.ts'
import { Field, type Html } from '../ui/index.ts'
import { type LoadedField, loadFields } from './fields.ts'
import { formFor } from './form.tsx'
import { type Line, lineName } from './inlines.ts'
import { referenceChoices } from './list.ts'
import { lookupLabels } from './lookup-labels.ts'
import { can } from './write.ts'

/** The lines of a form, kind by kind, below its fields. */
export async function inlineLines(
  registry: Registry,
  tx: Tx,
  lines: readonly Line[],
  errors: readonly FieldError[],
): Promise<Html | undefined> {
  if (lines.length === 0) return undefined
  const parts = []
  for (const [child, ofKind] of Map.groupBy(lines, line => line.child)) {
    const [first] = ofKind
    parts.push(
      await withinScope({ app: first?.app ?? '' }, async () => (
        <>
          <h2 class="h3">{t(child.labelPlural)}</h2>
          {await Promise.all(ofKind.map(line => LineFields(registry, tx, line, errors)))}
        </>
      )),
    )
  }
  return <>{parts}</>
}

async function LineFields(registry: Registry, tx: Tx, line: Line, errors: readonly FieldError[]) {
  const { prefix, row, removed, version } = line
  const fields: LoadedField[] = await loadFields(registry, tx, line.fields, referenceChoices)
  const values = await lookupLabels(registry, tx, fields, line.values)
  return (
    <fieldset class="form-fieldset">
      <legend>{lineName(line)}</legend>
      <input type="hidden" name={`${prefix}line`} value="1" />
      {row && <input type="hidden" name={`${prefix}id`} value={String(row.id)} />}
      {version !== undefined && <input type="hidden" name={`${prefix}version`} value={String(version)} />}
      <div class="fields">
        {formFor(fields, values, errors)}
        {row && can(line.child, 'remove', currentScope().actor) && (
          <Field name={`${prefix}removed`} label={t('Remove')} kind="checkbox" value={removed} />
        )}
      </div>
    </fieldset>
  )
}

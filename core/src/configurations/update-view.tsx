import { eq, getTableName } from 'drizzle-orm'
import { loadFields, type LoadedField, settleFields } from '../admin/fields.ts'
import { fieldErrors, isCorrectable, readForm, ResourceForm } from '../admin/form.tsx'
import { referenceChoices } from '../admin/list.ts'
import { parseInput } from '../admin/parse-input.ts'
import type { Configuration, ConfigurationTable, ConfigurationView, OwnColumn } from '../app/configuration.ts'
import type { Html } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { explain } from '../db/errors.ts'
import { type FieldError, isCoinError } from '../errors.ts'
import { sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'

/**
 * The page of one configuration with a form on some of its columns, for its member. Labels, help and checks are those of its declaration;
 * what is wrong, or what the database refuses, is shown in the form.
 */
export const updateView = <T extends ConfigurationTable>(
  table: T,
  columns: readonly OwnColumn<T>[],
  render: (configuration: Configuration<T>, form: Html) => Html,
): ConfigurationView<T> => ({
  path: '/:id',
  get: async ({ configuration, tx }) => render(configuration, formOf(await fieldsOf(table, columns, tx), configuration)),
  async post({ c, configuration, tx }) {
    const fields = await fieldsOf(table, columns, tx)
    const { path, registry } = currentScope()
    const raw = await readForm(c, fields)
    const parsed = await parseInput(registry, tx, settledOf(table, columns), raw, 'change')
    const errors = parsed.ok ? await write(table, configuration.id as number, parsed.values, fields, tx) : parsed.errors
    if (errors.length === 0) return redirectTo(c, sitePath(path), t('Saved.'))
    return c.html(render(configuration, formOf(fields, raw, errors)), 422)
  },
})

function settledOf<T extends ConfigurationTable>(table: T, columns: readonly OwnColumn<T>[]) {
  const spec = currentScope().registry.configurations.get(getTableName(table))?.configuration.spec
  return settleFields(table, spec?.fields ?? {}, columns)
}

const fieldsOf = <T extends ConfigurationTable>(table: T, columns: readonly OwnColumn<T>[], tx: Tx): Promise<LoadedField[]> =>
  loadFields(currentScope().registry, tx, settledOf(table, columns), referenceChoices)

const formOf = (fields: readonly LoadedField[], values: Readonly<Record<string, unknown>>, errors: readonly FieldError[] = []): Html => (
  <ResourceForm fields={fields} values={values} errors={errors} action={sitePath(currentScope().path)} submit={t('Save')} />
)

/** Writes behind a savepoint, so that a refusal can be shown in the form. */
async function write(table: ConfigurationTable, id: number, values: Record<string, unknown>, fields: readonly LoadedField[], tx: Tx): Promise<readonly FieldError[]> {
  if (Object.keys(values).length === 0) return []
  try {
    await tx.transaction(savepoint => savepoint.update(table).set(values).where(eq(table.id, id)))
    return []
  } catch (thrown) {
    const error = explain(thrown, currentScope().registry.constraints)
    if (isCoinError(error) && isCorrectable(error)) return fieldErrors(error, fields)
    throw error
  }
}

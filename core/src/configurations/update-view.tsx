import { getTableName } from 'drizzle-orm'
import { type LoadedField, loadFields, type SettledField, settleFields } from '../admin/fields.ts'
import { fieldErrors, isCorrectable, ResourceForm, readForm, readVersion, summaryOf } from '../admin/form.tsx'
import { Meanwhile } from '../admin/form-page.tsx'
import { type HistoryEntry, type ToldEntry, tellHistory } from '../admin/history.ts'
import { referenceChoices } from '../admin/list.ts'
import { parseInput } from '../admin/parse-input.ts'
import type { Configuration, ConfigurationRequest, ConfigurationTable, ConfigurationView, OwnColumn } from '../app/configuration.ts'
import type { Html } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { explain } from '../db/errors.ts'
import { type CoinError, type FieldError, isCoinError } from '../errors.ts'
import { ErrorSummary, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { changeConfiguration } from './rules.ts'

type Render<T extends ConfigurationTable> = (configuration: Configuration<T>, form: Html) => Html

/**
 * The generic page of one configuration with a form on some of its columns, for its member. Their labels, hints and checks
 * are those of the declaration; `render` puts the form where it wants it.
 */
export const updateView = <T extends ConfigurationTable>(
  table: T,
  fields: readonly OwnColumn<T>[],
  render: Render<T>,
): ConfigurationView<T> => ({
  path: '/:id',
  get: request => show(request, table, fields, render, { values: request.configuration, version: request.configuration.version }),
  post: request => save(request, table, fields, render),
})

interface Shown {
  readonly values: Readonly<Record<string, unknown>>
  readonly version: number | undefined
  readonly errors?: readonly FieldError[]
  readonly meanwhile?: readonly ToldEntry[]
}

const declared = (table: ConfigurationTable) =>
  currentScope().registry.configurations.get(getTableName(table))?.configuration.spec.fields ?? {}
const settled = (table: ConfigurationTable, names: readonly string[]): SettledField[] => settleFields(table, declared(table), names)

async function show<T extends ConfigurationTable>(
  { c, configuration, tx }: ConfigurationRequest<T>,
  table: T,
  names: readonly string[],
  render: Render<T>,
  shown: Shown,
): Promise<Response> {
  const fields = await loadFields(currentScope().registry, tx, settled(table, names), referenceChoices)
  return c.html(render(configuration, <UpdateForm fields={fields} {...shown} />), shown.errors ? 422 : shown.meanwhile ? 409 : 200)
}

function UpdateForm({ fields, values, version, errors = [], meanwhile }: Shown & { fields: readonly LoadedField[] }) {
  const action = sitePath(currentScope().path)
  return (
    <>
      <ErrorSummary errors={summaryOf(errors, fields)} />
      {meanwhile && <Meanwhile entries={meanwhile} restart={action} />}
      <ResourceForm
        fields={fields}
        values={values}
        errors={errors}
        action={action}
        submit={t('Save')}
        hidden={version === undefined ? {} : { version: String(version) }}
      />
    </>
  )
}

async function save<T extends ConfigurationTable>(
  request: ConfigurationRequest<T>,
  table: T,
  names: readonly string[],
  render: Render<T>,
): Promise<Response> {
  const { c, configuration, tx } = request
  const { registry } = currentScope()
  const fields = settled(table, names)
  const [raw, version] = [await readForm(c, fields), await readVersion(c)]
  const parsed = await parseInput(registry, tx, fields, raw, 'change')
  if (!parsed.ok) return show(request, table, names, render, { values: raw, version, errors: parsed.errors })
  // an id is a number in every configuration table
  const refused = await refusalOf(tx, inner => changeConfiguration(inner, registry, configuration.id as number, version, parsed.values))
  if (!refused) return redirectTo(c, sitePath(currentScope().path), t('Saved.'))
  if (refused.code !== 'conflict')
    return show(request, table, names, render, { values: raw, version, errors: fieldErrors(refused, fields) })
  // made by staleError
  const changes = refused.detail.changes as readonly HistoryEntry[]
  return show(request, table, names, render, {
    values: raw,
    version: Number(refused.detail.version),
    meanwhile: await tellHistory(registry, tx, table, declared(table), changes),
  })
}

/** What the database or a rule refuses; the savepoint keeps the transaction usable for the page that says so. */
async function refusalOf(tx: Tx, work: (inner: Tx) => Promise<void>): Promise<CoinError | undefined> {
  try {
    await tx.transaction(inner => work(inner as unknown as Tx))
    return undefined
  } catch (thrown) {
    const error = explain(thrown, currentScope().registry.constraints)
    if (isCoinError(error) && isCorrectable(error)) return error
    throw error
  }
}

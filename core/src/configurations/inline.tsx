import { sql } from 'drizzle-orm'
import { editPage, save } from '../admin/edit.tsx'
import { type LoadedField, loadFields } from '../admin/fields.ts'
import { idIn, mayWith } from '../admin/find.ts'
import { formFor } from '../admin/form.tsx'
import { tellValue } from '../admin/history.ts'
import { referenceChoices } from '../admin/list.ts'
import type { AnyConfiguration } from '../app/configuration.ts'
import type { Context, Html } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope, may } from '../app/scope.ts'
import { CoinError } from '../errors.ts'
import { Address, ButtonLink, Card, Facts, Form, sitePath } from '../ui/index.ts'
import { inApp } from '../web/routes.ts'
import { editableOf, fieldsOf, nameOf } from './fields.ts'
import { kindOf } from './kind.tsx'
import { memberPage } from './page.tsx'
import { type AnyConfigurationRow, loadConfigurations } from './queries.ts'

/** The configuration of a subscription on its page: the fields that staff edit there, or how to add it. */
export async function ConfigurationInline(subscriptionId: number): Promise<Html | undefined> {
  const { registry, db } = currentScope()
  if (!(await mayWith('configuration.view', 'subscription', subscriptionId))) return undefined
  const { rows } = await db.execute<{ type: string; id: number | null }>(sql`
    SELECT s.configuration_type AS type, c.id FROM subscription s LEFT JOIN configuration c ON c.subscription_id = s.id WHERE s.id = ${subscriptionId}`)
  const [found] = rows
  const known = found && registry.configurations.get(found.type)
  if (!found || !known) return undefined
  const { app, configuration } = known
  if (found.id === null) return <AddCard subscriptionId={subscriptionId} configuration={configuration} app={app} />
  const [row] = await loadConfigurations(registry, db, [found.id])
  if (!row) return undefined
  const fields = await loadFields(registry, db, inlineFields(configuration), referenceChoices)
  return <EditCard configuration={configuration} app={app} row={row} fields={fields} />
}

const inlineFields = (configuration: AnyConfiguration) =>
  editableOf(configuration).filter(field => configuration.spec.admin.inline.fields.includes(field.name))
const translated = (app: string, text: string) => currentScope().registry.translations.translator(currentScope().locale, app)(text)

function AddCard({ subscriptionId, configuration, app }: { subscriptionId: number; configuration: AnyConfiguration; app: string }) {
  const query = new URLSearchParams({
    kind: configuration.type,
    subscriptionId: String(subscriptionId),
    next: `/admin/subscriptions/${subscriptionId}`,
  })
  const name = translated(app, nameOf(configuration))
  return (
    <Card
      title={name}
      id="configuration"
      actions={
        may(currentScope().actor, 'configuration.add') && (
          <ButtonLink small kind="primary" icon="plus" href={sitePath(`/admin/configurations/new?${query}`)}>
            {t('Configure it')}
          </ButtonLink>
        )
      }
    >
      <p class="quiet">{t('Not configured yet. Its addresses are given as soon as it is.')}</p>
    </Card>
  )
}

function EditCard({
  configuration,
  app,
  row,
  fields,
}: {
  configuration: AnyConfiguration
  app: string
  row: AnyConfigurationRow
  fields: readonly LoadedField[]
}) {
  const id = Number(row.id)
  const { layout } = configuration.spec.admin.inline
  const own = sitePath(`/admin/configurations/${id}`)
  const member = memberPage(configuration, id)
  const values: Readonly<Record<string, unknown>> = row
  const writable = new Set(fields.map(field => field.name))
  const shown = fieldsOf(configuration).filter(
    field =>
      !writable.has(field.name) &&
      (configuration.spec.admin.inline.fields.includes(field.name) || configuration.spec.admin.readonly?.includes(field.name)),
  )
  const said = fields.map(field => ({
    ...field,
    label: translated(app, field.label),
    ...(field.help && { help: translated(app, field.help) }),
  }))
  return (
    <Card
      title={translated(app, nameOf(configuration))}
      id="configuration"
      body={false}
      actions={
        <>
          {member && <a href={member}>{t('As the member sees it')}</a>}
          <a href={own}>{t('All of it')}</a>
        </>
      }
    >
      <div class="card-body">
        <Facts
          items={[
            ...shown.map(field => ({ label: translated(app, field.label), value: tellValue(values[field.name], field) })),
            {
              label: t('Addresses'),
              value:
                row.ipSubnets.length > 0
                  ? row.ipSubnets.map((subnet, index) => (
                      <>
                        {index > 0 && ', '}
                        <Address>{subnet.prefix}</Address>
                      </>
                    ))
                  : t('None yet'),
            },
          ]}
        />
      </div>
      {may(currentScope().actor, 'configuration.change') && fields.length > 0 && (
        <Form
          action={`${own}/inline`}
          frame="card-body"
          submit={t('Save')}
          review
          hidden={{ version: String(row.version), next: currentScope().path }}
        >
          {layout === 'tabular' ? <div class="pair">{formFor(said, values)}</div> : formFor(said, values)}
        </Form>
      )}
    </Card>
  )
}

/** What the inline form sends to: the generic form, on the inline's fields alone. */
export const inlineView = {
  path: '/admin/configurations/:id{[0-9]+}/inline',
  access: 'configuration.change',
  narrows: true,
  get: (c: Context) => withInline(c, editPage),
  post: (c: Context) => withInline(c, save),
} as const

async function withInline(c: Context, handle: typeof save): Promise<Response> {
  const { coin } = c.var
  const { rows } = await coin.database.db.execute<{ type: string }>(
    sql`SELECT type FROM configuration WHERE id = ${idIn(c.req.param('id') ?? '') ?? 0}`,
  )
  const known = coin.registry.configurations.get(rows[0]?.type ?? '')
  if (!known) throw new CoinError('not_found', 'There is no such configuration.')
  const resource = kindOf(
    known.configuration,
    inlineFields(known.configuration).map(field => field.name),
  )
  return inApp(c, known.app, () => handle({ c, coin, resource }))
}

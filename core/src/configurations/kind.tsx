import { sql } from 'drizzle-orm'
import { mostChoices } from '../admin/fields.ts'
import { type AnyConfiguration, configurations } from '../app/configuration.ts'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import { type AnyResource, type Choice, defineResource, type Field, type Row, type Variant } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { subscriptionsWithin } from '../subscriptions/within.ts'
import { editableOf, fieldsOf, nameOf } from './fields.ts'
import { listOfType } from './list.tsx'
import { ConfigurationActions, ConfigurationDetails } from './page.tsx'
import { type AnyConfigurationRow, loadConfigurations } from './queries.ts'
import { addConfiguration, changeConfiguration, removeConfiguration } from './rules.ts'

const known = new WeakMap<Registry, readonly Variant[]>()

/** Each installed type as a resource of its own: its form, its page, its commands. */
export function kindsOf(registry: Registry): readonly Variant[] {
  const found =
    known.get(registry) ??
    [...registry.configurations.values()].map(({ app, configuration }) => ({
      name: configuration.type,
      app,
      resource: kindOf(configuration),
    }))
  known.set(registry, found)
  return found
}

/** One type of configuration as a resource; with `only`, its form changes just these fields. */
export function kindOf(configuration: AnyConfiguration, only?: readonly string[]): AnyResource {
  const { type, spec } = configuration
  const label = nameOf(configuration)
  const editable = editableOf(configuration).map(field => field.name)
  const own = Object.fromEntries(fieldsOf(configuration).map((field): [string, Field] => [field.name, field]))
  const loadMany = async (ids: readonly number[], tx: Tx): Promise<readonly Row[]> =>
    (await loadConfigurations(currentScope().registry, tx, ids))
      .filter(row => row.type === type)
      .map(row => ({ ...withoutSecrets(configuration, row), id: Number(row.id), subscriptionId: row.subscription.id }))
  return defineResource({
    name: 'configuration',
    plural: 'configurations',
    label,
    labelPlural: label,
    icon: 'settings',
    table: configurations,
    key: ['subscriptionId'],
    historyTables: [type],
    fields: {
      subscriptionId: {
        label: 'Subscription',
        kind: 'reference',
        reference: 'subscription',
        required: true,
        help: 'Of an offer of this type, without a configuration yet',
        choices: tx => freeSubscriptions(type, tx),
      },
      ...own,
      comment: { label: 'Comment', kind: 'textarea', help: 'For staff only' },
    },
    planned: true,
    add: ['subscriptionId', ...editable, 'comment'],
    change: only ?? [...editable, 'comment'],
    list: listOfType(configuration),
    within: part => sql`configuration.subscription_id IN ${subscriptionsWithin(part)}`,
    describe: row => spec.describe(asConfiguration(row)) || `${label} #${row.id}`,
    load: async (id, tx) => (await loadMany([id], tx))[0],
    loadMany,
    details: (row, tx) => <ConfigurationDetails configuration={configuration} row={asConfiguration(row)} tx={tx} />,
    actions: row => <ConfigurationActions configuration={configuration} id={row.id} />,
    create: ({ subscriptionId, comment, ...values }, tx) =>
      addConfiguration(tx, currentScope().registry, {
        subscriptionId: Number(subscriptionId),
        comment: typeof comment === 'string' ? comment : '',
        values,
      }),
    update: (id, values, tx) => changeConfiguration(tx, currentScope().registry, id, undefined, values),
    remove: (id, tx) => removeConfiguration(tx, id),
    consequences: async row => consequencesFor(asConfiguration(row)),
    async find(text, tx) {
      const { rows } = await tx.execute<{ id: number }>(
        sql`SELECT c.id FROM configuration c JOIN subscription s ON s.id = c.subscription_id WHERE s.reference = ${text} AND c.type = ${type}`,
      )
      return rows[0]?.id
    },
  })
}

/** What a form, a page and a command may have of a configuration. */
const withoutSecrets = ({ spec }: AnyConfiguration, row: AnyConfigurationRow): Readonly<Record<string, unknown>> => {
  const fields: Readonly<Record<string, Field | undefined>> = spec.fields
  return Object.fromEntries(Object.entries(row).filter(([name]) => !fields[name]?.secret))
}

/** Rows of a kind come from its `load`. */
const asConfiguration = (row: Row) => row as unknown as AnyConfigurationRow

const consequencesFor = ({ ipSubnets }: AnyConfigurationRow): string[] => [
  t('The subscription stays, without a configuration.'),
  ...(ipSubnets.length > 0
    ? [
        t('{{prefixes}} are released and rest before somebody else gets them.', {
          prefixes: ipSubnets.map(({ prefix }) => prefix).join(', '),
        }),
      ]
    : []),
]

async function freeSubscriptions(type: string, tx: Tx): Promise<Choice[]> {
  const { rows } = await tx.execute<{ id: number; reference: string; member: string }>(sql`
    SELECT s.id, s.reference, m.display_name AS member FROM subscription s JOIN member m ON m.id = s.member_id
    WHERE s.configuration_type = ${type} AND NOT EXISTS (SELECT FROM configuration c WHERE c.subscription_id = s.id) ORDER BY m.display_name, s.id LIMIT ${mostChoices + 1}`)
  return rows.map(({ id, reference, member }) => ({ value: String(id), label: `${member} (${reference})` }))
}

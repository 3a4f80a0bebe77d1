import { sql } from 'drizzle-orm'
import { configurations } from '../app/configuration.ts'
import { defineResource } from '../app/resource.ts'
import { subscriptionsWithin } from '../subscriptions/within.ts'
import { kindsOf } from './kind.tsx'
import { allTypes, describeRows, listOf } from './list.tsx'
import { removeConfiguration } from './rules.ts'

/** Configurations of every type: one list, and for each type the form, page and commands of its own. */
export const configurationResource = defineResource({
  name: 'configuration',
  plural: 'configurations',
  label: 'Configuration',
  labelPlural: 'Configurations',
  labelNew: 'New configuration',
  icon: 'settings',
  section: 'network',
  order: 20,
  empty: 'The technical side of each subscription: a line, a tunnel, an account. Its addresses come with it.',
  table: configurations,
  fields: { subscriptionId: { label: 'Subscription', reference: 'subscription' }, comment: { label: 'Comment', kind: 'textarea' } },
  planned: true,
  add: [],
  change: [],
  list: allTypes,
  listFor: (view, registry) => listOf(registry, view),
  variants: kindsOf,
  async variantOf(id, tx) {
    const { rows } = await tx.execute<{ type: string }>(sql`SELECT type FROM configuration WHERE id = ${id}`)
    return rows[0]?.type
  },
  async load(id, tx) {
    const { rows } = await tx.execute<{ id: number; version: number; type: string; subscriptionId: number; comment: string }>(
      sql`SELECT id, version, type, subscription_id AS "subscriptionId", comment FROM configuration WHERE id = ${id}`,
    )
    return (await describeRows(rows, tx))[0]
  },
  within: part => sql`configuration.subscription_id IN ${subscriptionsWithin(part)}`,
  describe: row => String(row.described ?? `#${row.id}`),
  remove: (id, tx) => removeConfiguration(tx, id),
  async find(text, tx) {
    const { rows } = await tx.execute<{ id: number }>(
      sql`SELECT c.id FROM configuration c JOIN subscription s ON s.id = c.subscription_id WHERE s.reference = ${text}`,
    )
    return rows[0]?.id
  },
})

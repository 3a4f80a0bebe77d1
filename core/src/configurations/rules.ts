import { eq, getTableColumns, sql } from 'drizzle-orm'
import { changesSince } from '../admin/history.ts'
import { staleError } from '../admin/write.ts'
import { type AnyConfiguration, configurations, type SubscriptionOfConfiguration } from '../app/configuration.ts'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'

export interface NewConfiguration {
  readonly subscriptionId: number
  /** Of the type's own columns. */
  readonly values: Readonly<Record<string, unknown>>
  readonly comment?: string
  /** `none` when it brings its own; else it gets one of each family that its offer has pools of. */
  readonly subnets?: 'automatic' | 'none'
}

/** Gives a subscription its configuration, of the type of its offer, with its first subnets. Columns left empty are filled by the app. */
export async function addConfiguration(
  tx: Tx,
  registry: Registry,
  { subscriptionId, values, comment = '', subnets = 'automatic' }: NewConfiguration,
): Promise<number> {
  const { type, subscription } = await subscriptionFor(tx, registry, subscriptionId)
  if (type === '')
    throw invalid('subscriptionId', 'There is nothing to configure for the offer of {{reference}}.', { reference: subscription.reference })
  const { spec } = installed(registry, type)
  const prepared = spec.prepare ? await spec.prepare({ subscription, values }, tx) : {}
  if (subnets === 'none') await tx.execute(sql`SELECT set_config('coin.initial_subnets', 'off', true)`)
  const [base] = await tx
    .insert(configurations)
    .values({ id: plannedId, type, subscriptionId, comment })
    .returning({ id: configurations.id })
  if (subnets === 'none') await tx.execute(sql`SELECT set_config('coin.initial_subnets', 'on', true)`)
  const id = Number(base?.id)
  const given = Object.fromEntries(
    Object.entries(values).filter(([name, value]) => name in getTableColumns(spec.table) && !(isEmpty(value) && name in prepared)),
  )
  await tx.insert(spec.table).values({ ...prepared, ...given, id, type })
  return id
}

/** Changes a configuration's own columns and its comment. Refuses with `conflict` when it was changed since the version that was seen. */
export async function changeConfiguration(
  tx: Tx,
  registry: Registry,
  id: number,
  version: number | undefined,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const [base] = await tx.select().from(configurations).where(eq(configurations.id, id)).for('update')
  if (!base) throw new CoinError('not_found', 'There is no such configuration.')
  if (version !== undefined && version !== base.version)
    throw staleError(base.version, await changesSince(tx, ['configuration', base.type], id, base.version - version))
  const { spec } = installed(registry, base.type)
  const columns = getTableColumns(spec.table)
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => name in columns && name !== 'id' && name !== 'type'))
  if (Object.keys(own).length > 0) await tx.update(spec.table).set(own).where(eq(spec.table.id, id))
  // also without a new comment: the version is that of the whole
  await tx
    .update(configurations)
    .set({ comment: typeof values.comment === 'string' ? values.comment : base.comment })
    .where(eq(configurations.id, id))
}

/** Removes a configuration; its subnets are released and rest. */
export async function removeConfiguration(tx: Tx, id: number): Promise<void> {
  await tx.delete(configurations).where(eq(configurations.id, id))
}

/** The number that a plan has shown for it, unless somebody has taken it; else the next one. */
const plannedId = sql<number>`coalesce(
  (SELECT planned FROM (SELECT nullif(current_setting('coin.planned_configuration', true), '')::bigint) AS p (planned)
    WHERE NOT EXISTS (SELECT FROM configuration WHERE id = planned)),
  nextval(pg_get_serial_sequence('configuration', 'id')))`

const isEmpty = (value: unknown) => value === undefined || value === null || value === ''

function installed(registry: Registry, type: string): AnyConfiguration {
  const found = registry.configurations.get(type)?.configuration
  if (found) return found
  throw new CoinError('refused', 'No installed app knows configurations of the type {{type}}.', {
    values: { type },
    hint: 'Add its app to coin.config.ts.',
  })
}

interface SubscriptionRow extends Record<string, unknown> {
  readonly type: string
  readonly subscription: SubscriptionOfConfiguration
}

async function subscriptionFor(tx: Tx, registry: Registry, id: number): Promise<SubscriptionRow> {
  const today = sql`(now() AT TIME ZONE ${registry.config.provider.timeZone})::date`
  const { rows } = await tx.execute<SubscriptionRow>(sql`
    SELECT s.configuration_type AS type, jsonb_build_object('id', s.id, 'reference', s.reference, 'startedOn', s.started_on, 'resignedOn', s.resigned_on,
      'phase', CASE WHEN s.started_on > ${today} THEN 'future' WHEN s.resigned_on < ${today} THEN 'ended' ELSE 'running' END,
      'suspended', EXISTS (SELECT FROM subscription_suspension p WHERE p.subscription_id = s.id AND p.during @> ${today}),
      'member', jsonb_build_object('id', m.id, 'displayName', m.display_name, 'username', m.username, 'email', m.email),
      'offer', (SELECT jsonb_build_object('id', o.id, 'name', o.name, 'reference', o.reference)
        FROM subscription_offer d JOIN offer o ON o.id = d.offer_id
        WHERE d.subscription_id = s.id AND (d.during @> ${today} OR lower(d.during) > ${today}) ORDER BY d.during LIMIT 1)) AS subscription
    FROM subscription s JOIN member m ON m.id = s.member_id WHERE s.id = ${id}`)
  if (!rows[0]) throw invalid('subscriptionId', 'There is no such subscription.')
  return rows[0]
}

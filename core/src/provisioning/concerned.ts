import { type SQL, sql } from 'drizzle-orm'

/** The handler of what an app is told of its subnets; the key is the configuration's id. */
export const handler = 'provisioning'

/** The configurations (as `c.id`) that a change `m` of the outbox concerns: its own, its subnets', and those of its subscription, member and offer. */
export const concernedBy = sql`(
    SELECT m.configuration_id AS id WHERE m.configuration_id IS NOT NULL
    UNION ALL
    SELECT id FROM configuration WHERE m.entity = 'subscription' AND subscription_id = m.entity_id
    UNION ALL
    SELECT id FROM configuration WHERE m.entity IN ('subscription_offer', 'subscription_suspension') AND subscription_id = (m.detail ->> 'subscription_id')::bigint
    UNION ALL
    SELECT c.id FROM configuration c JOIN subscription s ON s.id = c.subscription_id WHERE m.entity = 'member' AND s.member_id = m.entity_id
    UNION ALL
    SELECT DISTINCT c.id FROM configuration c JOIN subscription_offer o ON o.subscription_id = c.subscription_id WHERE m.entity = 'offer' AND o.offer_id = m.entity_id
  ) AS c`

/** Whether the app of the configuration `c.id` has to be told of `m` first: subnets that were changed outside of Coin. */
const untold = (types: readonly string[]): SQL =>
  sql`(m.entity = 'subnet' AND NOT m.hooked AND EXISTS (SELECT FROM configuration k WHERE k.id = c.id AND k.type = ANY (${sql.param(types)}::text[])))`

/** Changes that an app has to be told of before the network: one delivery each. */
export const selectUntold = (moved: SQL, types: readonly string[]): SQL => sql`
  SELECT m.id, m.at, ${handler}::text AS handler, c.id AS key,
    jsonb_build_object('id', m.id, 'entity', m.entity, 'entity_id', m.entity_id, 'op', m.op, 'changed', m.changed,
      'configuration_id', m.configuration_id, 'detail', m.detail, 'hooked', m.hooked) AS change
  FROM ${moved} m JOIN LATERAL ${concernedBy} ON true WHERE ${untold(types)}`

/** Ids of the configurations that the other changes concern. */
export const selectConcerned = (moved: SQL, types: readonly string[]): SQL => sql`
  SELECT DISTINCT c.id FROM ${moved} m JOIN LATERAL ${concernedBy} ON true WHERE NOT ${untold(types)}`

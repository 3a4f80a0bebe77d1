import { type SQL, sql } from 'drizzle-orm'

/** The handler of what concerns a configuration; the key is the configuration's id. */
export const handler = 'provisioning'

/** Which changes concern which configurations: their own, their subnets', and those of their subscription, member and offer. */
export const selectConcerned = (moved: SQL): SQL => sql`
  SELECT m.id, m.at, ${handler}::text AS handler, c.id AS key,
    jsonb_build_object('id', m.id, 'entity', m.entity, 'entity_id', m.entity_id, 'op', m.op, 'changed', m.changed,
      'configuration_id', m.configuration_id, 'detail', m.detail, 'hooked', m.hooked) AS change
  FROM ${moved} m JOIN LATERAL (
    SELECT m.configuration_id AS id WHERE m.configuration_id IS NOT NULL
    UNION ALL
    SELECT id FROM configuration WHERE m.entity = 'subscription' AND subscription_id = m.entity_id
    UNION ALL
    SELECT id FROM configuration WHERE m.entity IN ('subscription_offer', 'subscription_suspension') AND subscription_id = (m.detail ->> 'subscription_id')::bigint
    UNION ALL
    SELECT c.id FROM configuration c JOIN subscription s ON s.id = c.subscription_id WHERE m.entity = 'member' AND s.member_id = m.entity_id
    UNION ALL
    SELECT DISTINCT c.id FROM configuration c JOIN subscription_offer o ON o.subscription_id = c.subscription_id WHERE m.entity = 'offer' AND o.offer_id = m.entity_id
  ) AS c ON true`

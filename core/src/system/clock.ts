import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

interface Dated {
  /** As the outbox names it; also the table. */
  readonly entity: string
  readonly column: string
  /** The day itself; that day and the one after it, the first without; both ends. */
  readonly kind: 'begin' | 'last_day' | 'period'
  /** The column that the outbox keeps beside the id. */
  readonly detail?: string
}

/** What changes by itself when its day comes. */
const dated: readonly Dated[] = [
  { entity: 'member', column: 'resigned_on', kind: 'last_day' },
  { entity: 'subscription', column: 'started_on', kind: 'begin' },
  { entity: 'subscription', column: 'resigned_on', kind: 'last_day' },
  { entity: 'offer_price', column: 'effective_from', kind: 'begin', detail: 'offer_id' },
  { entity: 'subscription_offer', column: 'during', kind: 'period', detail: 'subscription_id' },
  { entity: 'subscription_suspension', column: 'during', kind: 'period', detail: 'subscription_id' },
  { entity: 'subscription_discount', column: 'during', kind: 'period', detail: 'subscription_id' },
  { entity: 'subscription_free_price', column: 'during', kind: 'period', detail: 'subscription_id' },
]

/**
 * Writes into the outbox what has changed because a day has come, since the last time and in the provider's time zone: it catches up after
 * any pause, and tells each date of a row once however many days have passed. `now` is the database's clock unless given. Returns how many it wrote.
 */
export async function tellWhatHasCome(tx: Tx, timeZone: string, now?: Date): Promise<number> {
  const { rows } = await tx.execute<{ today: string }>(
    sql`SELECT (coalesce(${now?.toISOString() ?? null}::timestamptz, now()) AT TIME ZONE ${timeZone})::date AS today`,
  )
  const today = rows[0]?.today
  // the row is locked until the end of the transaction: another worker finds the day done
  await tx.execute(sql`INSERT INTO coin.clock (day) VALUES (${today}) ON CONFLICT DO NOTHING`)
  const told = await tx.execute<{ day: string }>(sql`SELECT day FROM coin.clock FOR UPDATE`)
  const until = told.rows[0]?.day
  if (today === undefined || until === undefined || until >= today) return 0
  await tx.execute(sql`UPDATE coin.clock SET day = ${today}`)
  const { rowCount } = await tx.execute(sql`
    INSERT INTO coin.outbox (entity, entity_id, op, changed, detail, hooked)
    ${sql.join(
      dated.map(each => selectCome(each, until, today)),
      sql` UNION ALL `,
    )}`)
  return rowCount ?? 0
}

// hooked: no transaction made this change, so there is none that a hook could refuse
function selectCome({ entity, column, kind, detail }: Dated, after: string, today: string) {
  const name = sql.identifier(column)
  const within = (day: ReturnType<typeof sql>) => sql`(${day} > ${after}::date AND ${day} <= ${today}::date)`
  const come = {
    begin: within(sql`${name}`),
    last_day: sql`(${within(sql`${name}`)} OR ${within(sql`${name} + 1`)})`,
    period: sql`(${within(sql`lower(${name})`)} OR ${within(sql`upper(${name})`)})`,
  }[kind]
  const kept = detail === undefined ? sql`NULL::jsonb` : sql`jsonb_build_object(${detail}::text, ${sql.identifier(detail)})`
  return sql`SELECT ${entity}::text, id, 'changed', ARRAY[${column}::text], ${kept}, true FROM ${sql.identifier(entity)} WHERE ${come}`
}

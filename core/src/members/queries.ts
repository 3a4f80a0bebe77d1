import { eq, sql } from 'drizzle-orm'
import { resourceNamed, visibleTo } from '../admin/find.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { type Member, members } from './tables.ts'

/** A member by id. */
export async function memberOf(tx: Tx, id: number): Promise<Member | undefined> {
  const [row] = await tx.select().from(members).where(eq(members.id, id))
  return row
}

/** A member by username, e-mail address or exact name; undefined when there is none or more than one. */
export async function findMember(tx: Tx, text: string): Promise<number | undefined> {
  const { rows } = await tx.execute<{ id: number }>(sql`
    SELECT id FROM member WHERE username = ${text}
    UNION SELECT id FROM member WHERE lower(email) = lower(${text}) OR coin.fold(display_name) = coin.fold(${text}) LIMIT 2`)
  return rows.length === 1 ? rows[0]?.id : undefined
}

/** What matches a word of somebody's name, nickname, username or e-mail address; uses the trigram index. `term` is escaped for LIKE. */
export const memberMatches = (term: string) =>
  sql`coin.fold(member.display_name || ' ' || member.nickname || ' ' || member.username || ' ' || member.email) LIKE '%' || coin.fold(${term.trim()}) || '%'`

/** A subscription of a member, for the member's page. */
export interface SubscriptionLine {
  readonly id: number
  readonly reference: string
  readonly offer: string
  readonly startedOn: string
  readonly resignedOn: string | null
  readonly state: 'active' | 'future' | 'suspended' | 'ended'
}

/** The subscriptions of a member that whoever asks may see, the running ones first. */
export function subscriptionsSeen(tx: Tx, memberId: number): Promise<readonly SubscriptionLine[]> {
  const { actor, registry } = currentScope()
  const visible = visibleTo(resourceNamed(registry, 'subscription'), actor)
  return subscriptionsOf(tx, memberId, sql`s.id IN (SELECT subscription.id FROM subscription WHERE ${visible})`)
}

/** The subscriptions of a member, the running ones first. */
export async function subscriptionsOf(tx: Tx, memberId: number, seen = sql`true`): Promise<readonly SubscriptionLine[]> {
  const { rows } = await tx.execute<SubscriptionLine & Record<string, unknown>>(sql`
    SELECT s.id, s.reference, s.started_on AS "startedOn", s.resigned_on AS "resignedOn",
      coalesce((SELECT o.name FROM subscription_offer d JOIN offer o ON o.id = d.offer_id WHERE d.subscription_id = s.id
        ORDER BY d.during @> current_date DESC, d.during LIMIT 1), '') AS offer,
      CASE WHEN s.resigned_on < current_date THEN 'ended' WHEN s.started_on > current_date THEN 'future'
        WHEN EXISTS (SELECT FROM subscription_suspension p WHERE p.subscription_id = s.id AND p.during @> current_date) THEN 'suspended'
        ELSE 'active' END AS state
    FROM subscription s WHERE s.member_id = ${memberId} AND ${seen}
    ORDER BY s.resigned_on IS NOT NULL, s.started_on, s.id`)
  return rows
}

/** Who signs in as this member, and since when. */
export interface MemberAccount {
  readonly email: string
  readonly createdAt: string
  readonly lastSeen: string | null
}

/** The account of a member, if there is one. */
export async function accountOf(tx: Tx, memberId: number): Promise<MemberAccount | undefined> {
  const { rows } = await tx.execute<MemberAccount & Record<string, unknown>>(sql`
    SELECT u.email, to_jsonb(u.created_at) #>> '{}' AS "createdAt",
      (SELECT to_jsonb(max(s.updated_at)) #>> '{}' FROM auth.session s WHERE s.user_id = u.id) AS "lastSeen"
    FROM member m JOIN auth."user" u ON u.id = m.user_id WHERE m.id = ${memberId}`)
  return rows[0]
}

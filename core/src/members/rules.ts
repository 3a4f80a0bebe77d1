import { eq, getTableColumns, getTableName, sql } from 'drizzle-orm'
import { changesSince } from '../admin/history.ts'
import { staleError } from '../admin/write.ts'
import { scopeIfAny } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { keyProblem } from '../system/openpgp.ts'
import { type Member, members } from './tables.ts'

type Values = Omit<typeof members.$inferInsert, 'id' | 'version' | 'createdAt'>
export type NewMember = Values
export type MemberChange = Partial<Values>

/** Adds a member. The username comes from the name, the country from the settings, unless given. Returns the id. */
export async function addMember(tx: Tx, member: NewMember): Promise<number> {
  const [id] = await addMembers(tx, [member])
  return Number(id)
}

/** As `addMember`, several in one statement. Returns their ids in the same order. */
export async function addMembers(tx: Tx, added: readonly NewMember[]): Promise<readonly number[]> {
  if (added.length === 0) return []
  for (const { openpgpKey } of added) await checkKey(openpgpKey)
  const country = scopeIfAny()?.registry.config.provider.country
  const joinedOn = today()
  const rows = await tx
    .insert(members)
    .values(added.map(member => ({ ...(country && { country }), joinedOn, ...settled(member) })))
    .returning({ id: members.id })
  return rows.map(({ id }) => id)
}

/** Changes what is given of a member and leaves the rest. With the `version` that was shown, refuses when somebody changed it since. */
export async function changeMember(tx: Tx, id: number, change: MemberChange, version?: number): Promise<void> {
  const [now] = await tx
    .select({ version: members.version, openpgpKey: members.openpgpKey })
    .from(members)
    .where(eq(members.id, id))
    .for('no key update')
  if (now && version !== undefined && now.version !== version)
    throw staleError(now.version, await changesSince(tx, [getTableName(members)], id, Math.max(1, now.version - version)))
  // one that has expired since it was given keeps nothing else from being changed
  if (change.openpgpKey?.trim() !== now?.openpgpKey) await checkKey(change.openpgpKey)
  const changed = await tx.update(members).set(settled(change)).where(eq(members.id, id)).returning({ id: members.id })
  if (changed.length === 0) throw unknownMember()
}

/** Takes a pending member in, from `joinedOn` (today unless given). */
export const acceptMember = (tx: Tx, id: number, joinedOn: string = today()): Promise<void> =>
  changeMember(tx, id, { status: 'member', joinedOn })

/** Ends a membership: its last day is `resignedOn`. A day to come ends it then. Null takes the resignation back. */
export const resign = (tx: Tx, id: number, resignedOn: string | null): Promise<void> =>
  changeMember(tx, id, { resignedOn, status: resignedOn !== null && resignedOn <= today() ? 'not_member' : 'member' })

/** Memberships whose last day is past end. Returns how many did. */
export async function endMemberships(tx: Tx): Promise<number> {
  const ended = await tx
    .update(members)
    .set({ status: 'not_member' })
    .where(sql`${members.resignedOn} < ${today()}::date AND ${members.status} = 'member'`)
    .returning({ id: members.id })
  return ended.length
}

/** Removes a member who has never subscribed to anything; others are kept, for what was billed and assigned to them. */
export async function removeMember(tx: Tx, id: number): Promise<void> {
  // locked, so that nobody subscribes this member meanwhile
  const [member] = await tx.select().from(members).where(eq(members.id, id)).for('update')
  if (!member) throw unknownMember()
  const count = await subscriptionCount(tx, id)
  if (count > 0) {
    throw new CoinError('refused', '{{name}} has {{count}} subscriptions and cannot be removed.', {
      values: { name: member.displayName, count },
      hint: 'Give the date of resignation instead: the history of addresses and bills needs the member.',
      constraint: 'member_has_subscriptions',
    })
  }
  await tx.delete(members).where(eq(members.id, id))
}

/** How many subscriptions a member has ever had. */
export async function subscriptionCount(tx: Tx, memberId: number): Promise<number> {
  const { rows } = await tx.execute<{ count: number }>(sql`SELECT count(*)::int AS count FROM subscription WHERE member_id = ${memberId}`)
  return rows[0]?.count ?? 0
}

/** The day where the provider is. */
function today(): string {
  const timeZone = scopeIfAny()?.registry.config.provider.timeZone
  return new Intl.DateTimeFormat('sv-SE', timeZone ? { timeZone } : {}).format(new Date())
}

/** A key that is kept is one to which mails can be encrypted. */
async function checkKey(key: string | undefined): Promise<void> {
  const problem = key?.trim() ? await keyProblem(key) : undefined
  if (problem) throw invalid('openpgpKey', problem)
}

const unknownMember = () => new CoinError('not_found', 'This member does not exist.')

/** Texts without spaces around them, and empty rather than null; what is not given, and a username left empty, is not written. */
function settled<T extends MemberChange>(values: T): T {
  const columns: Readonly<Record<string, { notNull: boolean }>> = getTableColumns(members)
  const texts = Object.entries(values).map(
    ([key, value]) => [key, value === null && columns[key]?.notNull ? '' : typeof value === 'string' ? value.trim() : value] as const,
  )
  return Object.fromEntries(texts.filter(([key, value]) => value !== undefined && !(key === 'username' && value === ''))) as T
}

/** The name by which one greets: the nickname, the first name, or the whole name. */
export const greetingName = (member: Pick<Member, 'kind' | 'nickname' | 'firstName' | 'displayName'>): string =>
  member.nickname || (member.kind === 'natural' && member.firstName) || member.displayName

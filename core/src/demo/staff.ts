import { sql } from 'drizzle-orm'
import { createUser } from '../accounts/rules.ts'
import type { Tx } from '../db/database.ts'
import { mandates } from '../payments/sepa/tables.ts'
import { setRoles } from '../staff/rules.ts'
import { groupMembers, memberGroups, roles } from '../staff/tables.ts'
import type { Days } from './days.ts'
import type { OfferName } from './network.ts'

/** What it needs to know: ids of the members by their place in `people`, and of the offers. */
interface Known {
  readonly members: readonly number[]
  readonly offers: Readonly<Record<OfferName, number>>
  readonly days: Days
}

const groups = [
  { name: 'Livradois', purpose: 'Those whom the mast of Augerolles serves.', who: [6, 15, 19, 22, 34] },
  { name: 'Schools and town halls', purpose: 'They ask for a written offer each autumn.', who: [31, 37] },
  { name: 'Volunteers', purpose: 'They have a key of the server room.', who: [0, 1, 2, 29] },
]

/** Whoever looks after the lines for organisations, and sees nothing else. */
const limited = [
  'member.view',
  'member.change',
  'subscription.view',
  'subscription.add',
  'subscription.change',
  'offer.view',
  'price.view',
  'configuration.view',
  'configuration.change',
  'invoice.view',
  'request.view',
  'request.change',
]

/** Somebody who works for the provider of the demonstration. */
export interface Colleague {
  readonly id: string
  readonly name: string
  readonly email: string
}

/**
 * Those who work there, with their roles: a treasurer and a technician, whose accounts have no password, and somebody who only sees one
 * offer and may sign in.
 */
export async function addStaff(
  tx: Tx,
  { members, offers }: Known,
  password: string,
): Promise<{ readonly technician: Colleague; readonly limited: Colleague }> {
  const groupIds = await tx
    .insert(memberGroups)
    .values(groups.map(({ who: _, ...group }) => group))
    .returning({ id: memberGroups.id })
  await tx
    .insert(groupMembers)
    .values(groups.flatMap(({ who }, index) => who.map(place => ({ groupId: groupIds[index]?.id ?? 0, memberId: members[place] ?? 0 }))))
  await tx.insert(roles).values({ name: 'Organisations', permissions: limited, offers: [offers.office] })
  await colleague(tx, 'Inès Fabre', 'Treasurer')
  return {
    technician: await colleague(tx, 'Hugo Vidal', 'Technician'),
    limited: await colleague(tx, 'Jules Morel', 'Organisations', password),
  }
}

async function colleague(tx: Tx, name: string, role: string, password?: string): Promise<Colleague> {
  const email = `${name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(' ', '.')}@example.org`
  const { id } = await createUser({ email, name, password, role: 'member' }, tx)
  const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM role WHERE name = ${role}`)
  await setRoles(
    tx,
    id,
    rows.map(row => Number(row.id)),
  )
  return { id, name, email }
}

/** Views of lists that all staff see. */
const views = [
  { list: 'member', name: 'Joined in the last year', query: (days: Days) => `view=members&joined_from=${days.day(-365)}&sort=-joinedOn` },
  { list: 'subscription', name: 'Fibre to come', query: () => 'q=Fibre&view=future' },
]

/** Saves views for all staff, in the name of somebody. */
export async function addViews(tx: Tx, days: Days, { id }: Colleague): Promise<void> {
  for (const { list, name, query } of views)
    await tx.execute(
      sql`INSERT INTO saved_view (list, name, query, user_id, shared) VALUES (${list}, ${name}, ${query(days)}, ${id}, true)`,
    )
}

/** IBANs that banks and standards print as examples: they are nobody's. */
const signed = [
  { who: 3, iban: 'FR1420041010050500013M02606', name: 'Yasmine Haddad', days: -600 },
  { who: 5, iban: 'DE89370400440532013000', name: 'Ingrid Sørensen', days: -410 },
]

/** What some members signed, so that what they owe may be collected. */
export const addMandates = (tx: Tx, { members, days }: Known): Promise<unknown> =>
  tx.insert(mandates).values(
    signed.map(({ who, iban, name, days: signedOn }, index) => ({
      memberId: members[who] ?? 0,
      reference: `UMR-00000${index + 1}`,
      iban,
      name,
      signedOn: days.day(signedOn),
    })),
  )

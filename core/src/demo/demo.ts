import { randomBytes } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { createUser } from '../accounts/rules.ts'
import { systemActor } from '../app/access.ts'
import type { Registry } from '../app/registry.ts'
import type { Coin } from '../coin.ts'
import { addConfiguration } from '../configurations/rules.ts'
import type { Tx } from '../db/database.ts'
import { addMember, changeMember, resign as leave } from '../members/rules.ts'
import { allocateSubnet, releaseSubnet } from '../resources/rules.ts'
import { ipSubnets } from '../resources/tables.ts'
import { addDiscount, addSubscription, changeOffer, resign, setFreePrice, suspend } from '../subscriptions/rules.ts'
import { type Days, daysFrom, monthsBilled } from './days.ts'
import { addMoney } from './money.ts'
import { addOffers, addPools, type OfferName } from './network.ts'
import { type Person, people } from './people.ts'
import { type Plan, plans } from './plan.ts'
import { addRequests } from './requests.ts'
import { addMandates, addStaff, addViews } from './staff.ts'

export interface DemoResult {
  /** False when there was something already: then nothing was changed. */
  readonly loaded: boolean
  /** Somebody who may sign in as a member; the password is kept nowhere else. */
  readonly member?: { readonly email: string; readonly password: string }
  /** Somebody of the staff, who sees only one offer. */
  readonly limited?: { readonly email: string; readonly password: string }
}

/** The type of configuration that the demonstration's lines have, when its app is installed. */
const lineType = 'simple_dsl'

/**
 * Loads a small invented provider into an empty Coin, through the rules that everybody obeys, in one transaction: all of it or
 * nothing. Where there are members, offers or pools already it changes nothing.
 */
export async function loadDemo(coin: Coin, onProgress: (what: string) => void = () => {}): Promise<DemoResult> {
  const type = coin.registry.configurations.has(lineType) ? lineType : ''
  const pattern = coin.registry.config.provider.subscriptionReference
  const days = daysFrom(Temporal.Now.plainDateISO(coin.registry.timeZone))
  const { day } = days
  return coin.asSystem('demonstration', () =>
    coin.transaction(systemActor('demonstration'), async (tx): Promise<DemoResult> => {
      await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('coin.demo', 0))`)
      if (await hasData(tx)) return { loaded: false }
      onProgress('pools and offers')
      const pools = await addPools(tx)
      const offers = await addOffers(tx, type, pools, days)
      onProgress(`${people.length} members`)
      const members: number[] = []
      for (const [index, person] of people.entries()) members.push(await addPerson(tx, person, index, day))
      onProgress(`${plans.length} subscriptions`)
      const subscriptions: number[] = []
      for (const [index, plan] of plans.entries())
        subscriptions.push(await subscribe(tx, { plan, index, registry: coin.registry, type, pattern, offers, members, days }))
      for (const [index, { resigned }] of people.entries()) if (resigned) await leave(tx, members[index] ?? 0, day(-resigned))
      onProgress('money')
      await addMoney(tx, { members, days, endsEarly: subscriptions[plans.findIndex(({ endsEarly }) => endsEarly)] ?? 0 })
      await addMandates(tx, { members, offers, days })
      onProgress('staff and requests')
      const password = randomBytes(9).toString('base64url')
      const account = { email: emailOf(people[0] as Person), password }
      const user = await createUser({ ...account, name: 'Amina Berthier', role: 'member' }, tx)
      await changeMember(tx, members[0] ?? 0, { userId: user.id, sshKeys: sshKey() })
      const { technician, limited } = await addStaff(tx, { members, offers, days }, password)
      await addViews(tx, days, technician)
      await addRequests(tx, { members, subscriptions, offers, days }, technician)
      return { loaded: true, member: account, limited: { email: limited.email, password } }
    }),
  )
}

async function hasData(tx: Tx): Promise<boolean> {
  const { rows } = await tx.execute<{ any: boolean }>(
    sql`SELECT EXISTS (SELECT FROM member) OR EXISTS (SELECT FROM offer) OR EXISTS (SELECT FROM ip_pool) AS any`,
  )
  return rows[0]?.any === true
}

function addPerson(tx: Tx, { joined, resigned: _, ...person }: Person, index: number, day: (days: number) => string): Promise<number> {
  // numbers that France sets aside for fiction
  const mobile = `+33 6 39 98 ${pad(index)} ${pad((index * 37) % 100)}`
  const home = index % 3 === 0 ? { homePhone: `+33 4 65 71 ${pad((index * 53) % 100)} ${pad(index)}` } : {}
  return addMember(tx, {
    ...person,
    email: emailOf({ ...person, joined }),
    mobilePhone: mobile,
    ...home,
    country: 'FR',
    joinedOn: day(-joined),
  })
}

const pad = (number: number) => String(number).padStart(2, '0')

/** `amina.berthier@example.org`. */
function emailOf({ kind, firstName, lastName, organizationName }: Person): string {
  const name = kind === 'legal' ? `${organizationName}` : `${firstName} ${lastName}`
  const ascii = name.replace('ø', 'o').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return `${ascii.replace(/[^a-z0-9]+/g, '.').replace(/^\.|\.$/g, '')}@example.org`
}

interface Subscribing {
  readonly plan: Plan
  readonly index: number
  readonly registry: Registry
  readonly type: string
  readonly pattern: string
  readonly offers: Readonly<Record<OfferName, number>>
  readonly members: readonly number[]
  readonly days: Days
}

async function subscribe(tx: Tx, { plan, index, registry, type, pattern, offers, members, days }: Subscribing): Promise<number> {
  const { day } = days
  const { who, offer, from, until, bare, next, suspended, discount, freePrice, more = [], back = 0, comments } = plan
  const id = await addSubscription(
    tx,
    { memberId: members[who] ?? 0, offerId: offers[offer], startedOn: day(from), ...(comments && { comments }) },
    pattern,
  )
  if (next) await changeOffer(tx, id, offers[next[0]], day(next[1]))
  if (suspended)
    await suspend(tx, id, {
      first: day(suspended.from),
      last: suspended.until === undefined ? null : day(suspended.until),
      reason: suspended.reason,
    })
  if (discount) {
    const { label, amount = null, percent = null } = discount
    await addDiscount(tx, id, {
      first: day(discount.from),
      last: discount.until === undefined ? null : day(discount.until),
      label,
      amount,
      percent,
    })
  }
  if (freePrice !== undefined) await setFreePrice(tx, id, { first: later(day(from), days.month(monthsBilled)), periodFee: freePrice })
  if (type && !bare && offer !== 'voice' && offer !== 'colocation') {
    const configurationId = await addConfiguration(tx, registry, {
      subscriptionId: id,
      values: { phoneNumber: `+33 4 65 71 ${pad(10 + index)} 00` },
    })
    const given: number[] = []
    for (const prefixLength of more) given.push((await allocateSubnet(tx, { configurationId, family: 4, prefixLength })).id)
    for (const subnet of given.slice(0, back)) await releaseSubnet(tx, subnet)
    if (until !== undefined && until < 0) await releaseAll(tx, configurationId)
  }
  if (until !== undefined) await resign(tx, id, day(until))
  return id
}

/** ISO dates of four-digit years sort as text. */
const later = (a: string, b: string) => (a < b ? b : a)

/** The addresses of a line that has ended rest. */
async function releaseAll(tx: Tx, configurationId: number): Promise<void> {
  const subnets = await tx.select({ id: ipSubnets.id }).from(ipSubnets).where(eq(ipSubnets.configurationId, configurationId))
  for (const { id } of subnets) await releaseSubnet(tx, id)
}

/** A key of the right form that nobody has the private half of. */
function sshKey(): string {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  return `ssh-ed25519 ${Buffer.concat([part(Buffer.from('ssh-ed25519')), part(Buffer.alloc(32, 'coin'))]).toString('base64')} amina@laptop`
}

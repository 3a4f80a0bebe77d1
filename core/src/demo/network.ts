import type { Tx } from '../db/database.ts'
import { ipPoolPrefixes, ipPools, ipReserved, offerPools } from '../resources/tables.ts'
import { addOffer, addOfferPrice, type NewOffer } from '../subscriptions/rules.ts'
import type { Days } from './days.ts'

interface DemoPool {
  readonly name: string
  readonly family: 4 | 6
  readonly length: number
  readonly prefixes: readonly string[]
  readonly reserved: readonly (readonly [prefix: string, comment: string])[]
  readonly quarantineDays?: number
}

/** Ranges that are set aside for documentation and for measurements: they are nobody's. */
const pools = {
  members4: {
    name: 'IPv4 members',
    family: 4,
    length: 32,
    prefixes: ['198.18.40.0/22'],
    reserved: [
      ['198.18.40.0/28', 'routers and servers'],
      ['198.18.43.252/30', 'link to the transit'],
    ],
  },
  offices4: {
    name: 'IPv4 organisations',
    family: 4,
    length: 29,
    prefixes: ['203.0.113.0/25', '198.51.100.0/26'],
    reserved: [['203.0.113.0/29', 'kept for the town hall’s own router']],
    quarantineDays: 30,
  },
  members6: {
    name: 'IPv6 members',
    family: 6,
    length: 56,
    prefixes: ['2001:db8:4000::/40'],
    reserved: [['2001:db8:4000::/48', 'our own network']],
  },
  offices6: {
    name: 'IPv6 organisations',
    family: 6,
    length: 48,
    prefixes: ['2001:db8:f000::/44'],
    reserved: [['2001:db8:f000::/48', 'first one, kept']],
  },
} as const satisfies Record<string, DemoPool>
type PoolName = keyof typeof pools

/** Adds the pools with their prefixes and reserved ranges. Returns their ids. */
export async function addPools(tx: Tx): Promise<Record<PoolName, number>> {
  const ids: Partial<Record<PoolName, number>> = {}
  for (const [key, pool] of Object.entries<DemoPool>(pools)) {
    const { name, family, length, prefixes, reserved, quarantineDays } = pool
    const [row] = await tx
      .insert(ipPools)
      .values({ name, family, defaultPrefixLength: length, ...(quarantineDays && { quarantineDays }) })
      .returning({ id: ipPools.id })
    const poolId = (row as { id: number }).id
    await tx.insert(ipPoolPrefixes).values(prefixes.map(prefix => ({ poolId, prefix })))
    await tx.insert(ipReserved).values(reserved.map(([prefix, comment]) => ({ poolId, prefix, comment })))
    ids[key as PoolName] = poolId
  }
  return ids as Record<PoolName, number>
}

interface DemoOffer extends NewOffer {
  readonly periodFee: string
  /** By priority, with a length of its own if any. */
  readonly pools: readonly (readonly [PoolName, number?])[]
  /** How many months before the newest bills Coin began to bill it. What was billed elsewhere until then costs nothing here. */
  readonly since: number
  /** What it cost first. */
  readonly earlier?: string
  /** What it costs later, and from how many days after today. */
  readonly later?: { readonly days: number; readonly periodFee: string }
}

/** The offers, given the type of configuration of a line. */
const offers = (line: string) =>
  ({
    dsl: {
      name: 'DSL line',
      reference: 'dsl',
      since: 0,
      configurationType: line,
      periodFee: '28.00',
      initialFee: '66.00',
      description: 'Up to 20 Mb/s on the copper of another operator.',
      pools: [['members4'], ['members6']],
      later: { days: 40, periodFee: '29.50' },
    },
    fibre: {
      name: 'Fibre',
      reference: 'fibre',
      since: 1,
      configurationType: line,
      earlier: '30.00',
      periodFee: '32.00',
      initialFee: '50.00',
      commitmentMonths: 12,
      description: 'Up to 1 Gb/s where the public network passes.',
      pools: [['members4'], ['members6']],
    },
    solidarity: {
      name: 'Solidarity line',
      reference: 'solidarity',
      billingStrategy: 'free_price',
      minimumFee: '5.00',
      since: 1,
      configurationType: line,
      periodFee: '15.00',
      description: 'For whoever says that they need it.',
      pools: [['members4'], ['members6']],
    },
    office: {
      name: 'Line for organisations',
      reference: 'office',
      since: 2,
      configurationType: line,
      periodMonths: 3,
      periodFee: '150.00',
      initialFee: '120.00',
      commitmentMonths: 12,
      vatRate: '20.00',
      description: 'Eight IPv4 addresses and a /48; billed each quarter.',
      pools: [['offices4'], ['members4', 29], ['offices6']],
    },
    colocation: {
      name: 'A place in the rack',
      reference: 'colocation',
      since: 2,
      periodMonths: 12,
      periodFee: '180.00',
      description: 'One unit, 50 W, in the room of the town hall.',
      pools: [],
    },
    voice: {
      name: 'Telephone number',
      reference: 'voice',
      since: 1,
      periodFee: '2.00',
      sold: false,
      description: 'No longer sold; kept for those who have one.',
      pools: [],
    },
  }) satisfies Record<string, DemoOffer>
export type OfferName = keyof ReturnType<typeof offers>

/** Adds the offers with their prices, a change of price to come among them, and the pools they draw from. Returns their ids. */
export async function addOffers(tx: Tx, line: string, poolIds: Record<PoolName, number>, days: Days): Promise<Record<OfferName, number>> {
  const ids: Partial<Record<OfferName, number>> = {}
  for (const [key, { pools: from, since, earlier, later, periodFee, initialFee, ...offer }] of Object.entries<DemoOffer>(offers(line))) {
    const offerId = await addOffer(tx, { ...offer, periodFee: '0.00', effectiveFrom: days.day(-3000) })
    const prices = [
      ...(earlier ? [{ periodFee: earlier, effectiveFrom: days.month(since) }] : []),
      { periodFee, effectiveFrom: days.month(earlier ? since - 1 : since) },
      ...(later ? [{ periodFee: later.periodFee, effectiveFrom: days.day(later.days) }] : []),
    ]
    for (const price of prices) await addOfferPrice(tx, { offerId, initialFee, ...price })
    if (from.length > 0 && line)
      await tx.insert(offerPools).values(
        from.map(([pool, prefixLength], index) => ({
          offerId,
          poolId: poolIds[pool],
          priority: index + 1,
          ...(prefixLength && { prefixLength }),
        })),
      )
    ids[key as OfferName] = offerId
  }
  return ids as Record<OfferName, number>
}

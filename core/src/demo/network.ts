import type { Tx } from '../db/database.ts'
import { ipPoolPrefixes, ipPools, ipReserved, offerPools } from '../resources/tables.ts'
import { addOffer, addOfferPrice, type NewOffer } from '../subscriptions/rules.ts'

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
  /** By priority, with a length of its own if any. */
  readonly pools: readonly (readonly [PoolName, number?])[]
  /** What it costs later, and from how many days after today. */
  readonly later?: { readonly days: number; readonly periodFee: string }
}

const exempt = 'VAT not applicable, article 293 B of the CGI'

/** The offers, given the type of configuration of a line. */
const offers = (line: string) =>
  ({
    dsl: {
      name: 'DSL line',
      reference: 'dsl',
      configurationType: line,
      periodFee: '28.00',
      initialFee: '66.00',
      vatMention: exempt,
      description: 'Up to 20 Mb/s on the copper of another operator.',
      pools: [['members4'], ['members6']],
      later: { days: 40, periodFee: '29.50' },
    },
    fibre: {
      name: 'Fibre',
      reference: 'fibre',
      configurationType: line,
      periodFee: '32.00',
      initialFee: '50.00',
      commitmentMonths: 12,
      vatMention: exempt,
      description: 'Up to 1 Gb/s where the public network passes.',
      pools: [['members4'], ['members6']],
    },
    solidarity: {
      name: 'Solidarity line',
      reference: 'solidarity',
      configurationType: line,
      periodFee: '15.00',
      vatMention: exempt,
      description: 'For whoever says that they need it.',
      pools: [['members4'], ['members6']],
    },
    office: {
      name: 'Line for organisations',
      reference: 'office',
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
      periodMonths: 12,
      periodFee: '180.00',
      vatMention: exempt,
      description: 'One unit, 50 W, in the room of the town hall.',
      pools: [],
    },
    voice: {
      name: 'Telephone number',
      reference: 'voice',
      periodFee: '2.00',
      vatMention: exempt,
      sold: false,
      description: 'No longer sold; kept for those who have one.',
      pools: [],
    },
  }) satisfies Record<string, DemoOffer>
export type OfferName = keyof ReturnType<typeof offers>

/** Adds the offers with their prices, a change of price to come among them, and the pools they draw from. Returns their ids. */
export async function addOffers(
  tx: Tx,
  line: string,
  poolIds: Record<PoolName, number>,
  day: (days: number) => string,
): Promise<Record<OfferName, number>> {
  const ids: Partial<Record<OfferName, number>> = {}
  for (const [key, { pools: from, later, ...offer }] of Object.entries<DemoOffer>(offers(line))) {
    const offerId = await addOffer(tx, { ...offer, effectiveFrom: day(-3000) })
    if (later)
      await addOfferPrice(tx, { offerId, periodFee: later.periodFee, initialFee: offer.initialFee, effectiveFrom: day(later.days) })
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

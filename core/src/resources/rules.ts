import { eq, sql } from 'drizzle-orm'
import ipaddr from 'ipaddr.js'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { ipSubnets } from './tables.ts'

/** A subnet as it is stored. */
export type Subnet = typeof ipSubnets.$inferSelect

export interface SubnetRequest {
  readonly configurationId: number
  /** Only from pools of this family. */
  readonly family?: 4 | 6 | undefined
  /** From this pool, instead of the pools of the configuration's offer. */
  readonly poolId?: number | undefined
  /** Instead of the offer's length, or the pool's. */
  readonly prefixLength?: number | undefined
}

/** Gives a configuration the lowest address of the smallest free block that suffices. */
export async function allocateSubnet(tx: Tx, { configurationId, family, poolId, prefixLength }: SubnetRequest): Promise<Subnet> {
  const { rows } = await tx.execute<{ id: number }>(
    sql`SELECT id FROM allocate_subnet(${configurationId}::bigint, ${family ?? null}::int, ${poolId ?? null}::bigint, ${prefixLength ?? null}::int)`,
  )
  return subnetOf(tx, Number(rows[0]?.id))
}

/** Gives a configuration exactly this prefix, also one that rests. Its pool is found unless given. */
export async function giveSubnet(
  tx: Tx,
  subnet: { configurationId: number; prefix: string; poolId?: number | undefined },
): Promise<Subnet> {
  const { configurationId, prefix, poolId } = subnet
  const [row] = await tx
    .insert(ipSubnets)
    .values({ configurationId, prefix: parsePrefix(prefix), ...(poolId !== undefined && { poolId }) })
    .returning()
  return row as Subnet
}

export interface SubnetChanges {
  /** Another prefix; null draws another one from the pool. The old one is freed. */
  readonly prefix?: string | null | undefined
  readonly poolId?: number | undefined
  /** Hands the subnet over to another configuration. */
  readonly configurationId?: number | undefined
  /** The version that was shown: refused when somebody else has changed the subnet since. */
  readonly version?: number | undefined
}

/** Changes a subnet in one go. A new prefix is looked for in whatever pool it lies, unless one is given. */
export async function changeSubnet(tx: Tx, id: number, { prefix, poolId, configurationId, version }: SubnetChanges): Promise<Subnet> {
  const before = await subnetOf(tx, id, true)
  if (version !== undefined && version !== before.version)
    throw new CoinError('conflict', 'Somebody else has changed this subnet meanwhile.')
  const wanted = typeof prefix === 'string' ? parsePrefix(prefix) : prefix
  await tx
    .update(ipSubnets)
    .set({
      ...(configurationId !== undefined && { configurationId }),
      ...(wanted !== undefined && { prefix: wanted ?? sql`NULL` }),
      ...(poolId !== undefined ? { poolId } : typeof wanted === 'string' && { poolId: sql`NULL` }),
      version: before.version,
    })
    .where(eq(ipSubnets.id, id))
  return subnetOf(tx, id)
}

/** Frees a subnet; its addresses rest for their pool's quarantine. */
export async function releaseSubnet(tx: Tx, id: number): Promise<void> {
  const removed = await tx.delete(ipSubnets).where(eq(ipSubnets.id, id)).returning({ id: ipSubnets.id })
  if (removed.length === 0) throw notFound()
}

/** The canonical form of a prefix that a person has typed; an address alone is a prefix of full length. */
export function parsePrefix(text: string, field = 'prefix'): string {
  const typed = text.trim()
  const whole = typed.includes('/') || !ipaddr.isValid(typed) ? typed : `${typed}/${typed.includes(':') ? 128 : 32}`
  const length = whole.split('/')[1] ?? ''
  const full = /^\d{1,3}$/.test(length) && (whole.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(whole.split('/')[0] ?? ''))
  if (!full || !ipaddr.isValidCIDR(whole)) throw invalid(field, 'This is no prefix: write 198.51.100.8/29 or 2001:db8:12::/48.')
  const [address, bits] = ipaddr.parseCIDR(whole)
  const kind = address.kind() === 'ipv6' ? ipaddr.IPv6 : ipaddr.IPv4
  const network = `${kind.networkAddressFromCIDR(whole).toString()}/${bits}`
  if (`${address.toString()}/${bits}` !== network) {
    throw invalid(field, '{{prefix}} is an address inside {{network}}: bits are set to the right of the length.', {
      prefix: whole,
      network,
    })
  }
  return network
}

async function subnetOf(tx: Tx, id: number, lock = false): Promise<Subnet> {
  const query = tx.select().from(ipSubnets).where(eq(ipSubnets.id, id))
  const [row] = await (lock ? query.for('update') : query)
  if (!row) throw notFound()
  return row
}

const notFound = () => new CoinError('not_found', 'This subnet does not exist.')

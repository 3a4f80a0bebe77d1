import type { TestCoin } from 'coin/testing'
import { addConfiguration, addMember, addOffer, addPool, addSubscription } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { vpn } from './tables.ts'

/** A member with a username, and a VPN with a subnet of each family. */
export async function addAccount(
  coin: TestCoin,
  given: { readonly username?: string; readonly member?: number; readonly pools?: readonly number[] } = {},
) {
  const member = given.member ?? (await addMember(coin))
  if (given.username !== undefined)
    await coin.write(tx => tx.execute(sql`UPDATE member SET username = ${given.username} WHERE id = ${member}`))
  const id = await addConfiguration(coin, vpn, {}, { member, pools: given.pools ?? (await pools(coin)) })
  return { id, member, ...(await rowOf(coin, id)) }
}

let block = 0
/** Two pools of their own: /29 and /56. */
export const pools = async (coin: TestCoin): Promise<readonly number[]> => {
  const n = ++block
  return [await addPool(coin, `198.18.${n}.0/24`, { length: 29 }), await addPool(coin, `2001:db8:${n.toString(16)}::/48`, { length: 56 })]
}

export interface VpnRow {
  readonly login: string
  readonly activated: boolean
  readonly ipv4: string | null
  readonly ipv6: string | null
  readonly hash: string | null
}

/** An account, straight from the database. */
export async function rowOf(coin: TestCoin, id: number): Promise<VpnRow> {
  const { rows } = await coin.pool.query<VpnRow>(
    'SELECT login, activated, host(ipv4_endpoint) AS ipv4, host(ipv6_endpoint) AS ipv6, password_hash AS hash FROM vpn WHERE id = $1',
    [id],
  )
  const [row] = rows
  if (!row) throw new Error('There is no such account')
  return row
}

/** The blocks of a configuration, as people write them. */
export async function prefixesOf(coin: TestCoin, id: number): Promise<readonly string[]> {
  const { rows } = await coin.pool.query<{ prefix: string }>('SELECT prefix FROM ip_subnet WHERE configuration_id = $1 ORDER BY prefix', [
    id,
  ])
  return rows.map(({ prefix }) => prefix)
}

/** A subscription to an offer of VPN, without its configuration yet. */
export const subscribe = async (coin: TestCoin, member: number): Promise<number> =>
  addSubscription(coin, { member, offer: await addOffer(coin, 'vpn') })

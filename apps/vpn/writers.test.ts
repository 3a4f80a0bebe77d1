import { addMember, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAccount } from './fixture.ts'
import vpnApp from './index.tsx'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [vpnApp({})] })
})
afterAll(() => coin.close())

const query = (statement: string, ...values: unknown[]) => coin.pool.query(statement, values)
const rows = async <R extends object>(statement: string) => (await coin.pool.query<R>(statement)).rows

/** Statements as anybody could type them, over the accounts 0 to 3 and the members 0 to 3. */
const statements = (accounts: readonly number[], members: readonly number[], pools: readonly number[]) => {
  const any = (n: number, from: readonly number[]) => from[n % from.length] ?? 0
  const subscriptionOf = (id: number) => `(SELECT subscription_id FROM configuration WHERE id = ${id})`
  return (n: number): string => {
    const id = any(n, accounts)
    switch (n % 7) {
      case 0:
        return `UPDATE vpn SET ipv4_endpoint = (SELECT host(prefix)::inet + 3 FROM ip_subnet WHERE configuration_id = ${id} AND family(prefix) = 4 LIMIT 1) WHERE id = ${id}`
      case 1:
        return `DELETE FROM ip_subnet WHERE configuration_id = ${id} AND family(prefix) = ${n % 2 ? 4 : 6}`
      case 2:
        return `INSERT INTO ip_subnet (configuration_id, pool_id) VALUES (${id}, ${any(n, pools)})`
      case 3:
        return `UPDATE subscription SET member_id = ${any(n + Math.floor(n / 4), members)} WHERE id = ${subscriptionOf(id)}`
      case 4:
        return `UPDATE member SET username = 'name' || ${n % 3} || '-' || id WHERE id = ${any(n, members)}`
      case 5:
        return `UPDATE vpn SET password_hash = '{SSHA}' || ${n} || 'abcdefgh', login = 'taken-${n % 5}-vpn1' WHERE id = ${id}`
      default:
        return `UPDATE ip_subnet SET configuration_id = ${id} WHERE configuration_id = ${any(n + 1, accounts)}`
    }
  }
}

test('eight that write at once leave every end inside, and no login that was another account’s', async () => {
  const accounts = await Promise.all(Array.from({ length: 4 }, async () => (await addAccount(coin)).id))
  const members = await Promise.all(Array.from({ length: 4 }, () => addMember(coin)))
  const pools = (await rows<{ id: number }>('SELECT id FROM ip_pool')).map(({ id }) => Number(id))
  const statement = statements(accounts, members, pools)
  // a deadlock is the client's to try again; anything else that is no rule would be a mistake here
  const strange: string[] = []
  let done = 0
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let n = writer * 1009; n < writer * 1009 + 40; n++)
        await query(statement(n * 13 + writer)).then(
          () => done++,
          ({ code, message }: { code: string; message: string }) => {
            if (code !== 'CN000' && code !== '40P01' && !code.startsWith('23')) strange.push(`${code}: ${message}`)
          },
        )
    }),
  )
  expect(strange).toEqual([])
  expect(done).toBeGreaterThan(100)
  const outside = `SELECT v.id FROM vpn v, unnest(ARRAY[v.ipv4_endpoint, v.ipv6_endpoint]) AS address WHERE address IS NOT NULL
    AND NOT EXISTS (SELECT FROM ip_subnet s WHERE s.configuration_id = v.id AND s.prefix >>= address)`
  expect(await rows(outside)).toEqual([])
  const missing = `SELECT v.id FROM vpn v JOIN ip_subnet s ON s.configuration_id = v.id
    WHERE CASE family(s.prefix) WHEN 4 THEN v.ipv4_endpoint ELSE v.ipv6_endpoint END IS NULL`
  expect(await rows(missing)).toEqual([])
  const others = `SELECT v.id FROM vpn v WHERE NOT EXISTS (SELECT FROM vpn_login l WHERE l.login = v.login AND l.configuration_id = v.id)`
  expect(await rows(others)).toEqual([])
})

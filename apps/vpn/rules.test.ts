import { addMember, addPool, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccount, prefixesOf, rowOf, subscribe } from './fixture.ts'
import vpnApp from './index.tsx'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [vpnApp()] })
})
afterAll(() => coin.close())

const insert = "WITH c AS (INSERT INTO configuration (type, subscription_id) VALUES ('vpn', $1) RETURNING id) SELECT id FROM c"
/** As in psql: both rows in one transaction. */
async function makeByHand(subscription: number, login = ''): Promise<string> {
  const client = await coin.pool.connect()
  try {
    await client.query('BEGIN')
    const { rows } = await client.query<{ id: number }>(insert, [subscription])
    const made = await client.query<{ login: string }>('INSERT INTO vpn (id, login) VALUES ($1, $2) RETURNING login', [rows[0]?.id, login])
    await client.query('COMMIT')
    return made.rows[0]?.login ?? ''
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
/** Several statements in one transaction, as in psql. */
async function byHand(...statements: readonly (readonly [string, ...unknown[]])[]): Promise<void> {
  const client = await coin.pool.connect()
  try {
    await client.query('BEGIN')
    for (const [statement, ...values] of statements) await client.query(statement, values)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

describe('logins', () => {
  test('come from the username, one after the other, and never again', async () => {
    const first = await addAccount(coin, { username: 'aberthier' })
    expect(first.login).toBe('aberthier-vpn1')
    expect((await addAccount(coin, { member: first.member })).login).toBe('aberthier-vpn2')
    await coin.pool.query('DELETE FROM configuration WHERE id = $1', [first.id])
    expect((await addAccount(coin, { member: first.member })).login).toBe('aberthier-vpn3')
    await expect(makeByHand(await subscribe(coin, first.member), 'aberthier-vpn1')).rejects.toMatchObject({ constraint: 'vpn_login_given' })
    // somebody else who gets the name of one who had it
    await coin.pool.query(`UPDATE member SET username = 'berthier' WHERE id = $1`, [first.member])
    expect((await addAccount(coin, { username: 'aberthier' })).login).toBe('aberthier-vpn4')
  })

  test('of eight accounts made at once are eight', async () => {
    const member = await addMember(coin)
    await coin.pool.query(`UPDATE member SET username = 'crowd' WHERE id = $1`, [member])
    const subscriptions = []
    for (let n = 0; n < 8; n++) subscriptions.push(await subscribe(coin, member))
    const logins = await Promise.all(subscriptions.map(subscription => makeByHand(subscription)))
    expect([...logins].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map(n => `crowd-vpn${n}`))
  })

  test.each(['a', '0', 'a-vpn1', 'a..-_', 'x'.repeat(200), 'nobody-vpn'])(
    'of the username %s fit a certificate and a DN',
    async username => {
      const { login } = await addAccount(coin, { username })
      expect(login).toMatch(/^[a-z0-9][a-z0-9._@-]{0,63}$/)
      expect(login).toMatch(/-vpn1$/)
    },
  )

  test('that could do harm are refused for every writer', async () => {
    const { id } = await addAccount(coin)
    for (const login of ['Ada-vpn1', '*', 'a b', 'a,dc=test', '../a', 'a\n', '-a', 'a/b', `a${'b'.repeat(64)}`, "a'b"])
      await expect(coin.pool.query('UPDATE vpn SET login = $2 WHERE id = $1', [id, login]), login).rejects.toMatchObject({
        constraint: 'vpn_login_form',
      })
  })

  test('can go back to one that the account had', async () => {
    const { id, login } = await addAccount(coin)
    await coin.pool.query(`UPDATE vpn SET login = 'another' WHERE id = $1`, [id])
    await coin.pool.query('UPDATE vpn SET login = $2 WHERE id = $1', [id, login])
    const other = await addAccount(coin)
    await expect(coin.pool.query(`UPDATE vpn SET login = 'another' WHERE id = $1`, [other.id])).rejects.toMatchObject({
      constraint: 'vpn_login_given',
    })
  })
})

describe('endpoints', () => {
  test('are the first IPv4 and the second IPv6 address', async () => {
    const account = await addAccount(coin)
    const [four = '', six = ''] = await prefixesOf(coin, account.id)
    expect(account.ipv4).toBe(four.replace('/29', ''))
    expect(account.ipv6).toBe(six.replace('/56', '1'))
  })

  test('of a subnet of one IPv6 address is that address', async () => {
    const { ipv4, ipv6 } = await addAccount(coin, { pools: [await addPool(coin, '2001:db8:ffff::/120', { length: 128 })] })
    expect({ ipv4, ipv6 }).toEqual({ ipv4: null, ipv6: '2001:db8:ffff::' })
  })

  test('outside of the subnets are refused, also by hand, when the transaction ends', async () => {
    const mine = await addAccount(coin)
    const other = await addAccount(coin)
    const [held] = await prefixesOf(coin, mine.id)
    const set = (ipv4: string) => coin.pool.query('UPDATE vpn SET ipv4_endpoint = $2 WHERE id = $1', [mine.id, ipv4])
    await expect(set('203.0.113.1')).rejects.toMatchObject({
      constraint: 'vpn_endpoint_outside',
      message: `203.0.113.1 is outside the subnets of ${mine.login}.`,
      hint: `Choose an address inside ${held}.`,
    })
    await expect(set(other.ipv4 ?? '')).rejects.toMatchObject({ code: expect.stringMatching(/^(CN000|23505)$/) })
    await expect(set('2001:db8::1')).rejects.toMatchObject({ constraint: 'vpn_ipv4_endpoint_family' })
    await expect(set(`${mine.ipv4}/29`)).rejects.toMatchObject({ constraint: 'vpn_ipv4_endpoint_family' })
    expect(await rowOf(coin, mine.id)).toMatchObject({ ipv4: mine.ipv4 })
    // both in one transaction, the address first
    await byHand(
      ['UPDATE vpn SET ipv4_endpoint = $2 WHERE id = $1', mine.id, mine.ipv4?.replace(/\d+$/, '66')],
      ['INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, $2)', mine.id, mine.ipv4?.replace(/\d+$/, '64/29')],
    )
    expect((await rowOf(coin, mine.id)).ipv4).toMatch(/\.66$/)
  })

  test('follow the subnets when these are changed by hand', async () => {
    const { id, ipv6 } = await addAccount(coin)
    const [four = ''] = await prefixesOf(coin, id)
    const next = four.replace(/\.\d+\/29$/, '.128/29')
    await coin.pool.query('UPDATE ip_subnet SET prefix = $2 WHERE configuration_id = $1 AND family(prefix) = 4', [id, next])
    expect(await rowOf(coin, id)).toMatchObject({ ipv4: next.replace('/29', ''), ipv6 })
    await coin.pool.query('DELETE FROM ip_subnet WHERE configuration_id = $1 AND family(prefix) = 4', [id])
    expect(await rowOf(coin, id)).toMatchObject({ ipv4: null, ipv6 })
    await coin.pool.query('INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, $2)', [id, four])
    expect(await rowOf(coin, id)).toMatchObject({ ipv4: four.replace('/29', '') })
  })

  test('stay where they are when another subnet comes or goes', async () => {
    const { id, ipv4 } = await addAccount(coin)
    const chosen = ipv4?.replace(/\d+$/, '3')
    await coin.pool.query('UPDATE vpn SET ipv4_endpoint = $2 WHERE id = $1', [id, chosen])
    const more = ipv4?.replace(/\d+$/, '32/29')
    await coin.pool.query('INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, $2)', [id, more])
    await coin.pool.query('DELETE FROM ip_subnet WHERE configuration_id = $1 AND prefix = $2', [id, more])
    expect((await rowOf(coin, id)).ipv4).toBe(chosen)
  })

  test('change hands with a subnet, and two accounts exchange theirs in one statement', async () => {
    const [a, b] = [await addAccount(coin), await addAccount(coin)]
    await coin.pool.query(
      'UPDATE ip_subnet SET configuration_id = CASE configuration_id WHEN $1::bigint THEN $2::bigint ELSE $1 END WHERE configuration_id IN ($1, $2)',
      [a.id, b.id],
    )
    expect(await rowOf(coin, a.id)).toMatchObject({ ipv4: b.ipv4, ipv6: b.ipv6 })
    expect(await rowOf(coin, b.id)).toMatchObject({ ipv4: a.ipv4, ipv6: a.ipv6 })
  })

  test('chosen while the subnet is taken away are not left outside', async () => {
    const { id, ipv4 } = await addAccount(coin)
    const [client, other] = [await coin.pool.connect(), await coin.pool.connect()]
    try {
      await client.query('BEGIN')
      await client.query('UPDATE vpn SET ipv4_endpoint = $2 WHERE id = $1', [id, ipv4?.replace(/\d+$/, '2')])
      await other.query('BEGIN')
      const removed = other.query('DELETE FROM ip_subnet WHERE configuration_id = $1 AND family(prefix) = 4', [id])
      await client.query('COMMIT')
      await removed
      await other.query('COMMIT')
    } finally {
      client.release()
      other.release()
    }
    expect((await rowOf(coin, id)).ipv4).toBeNull()
  })

  test('leave no trace of a configuration that is removed', async () => {
    const { id } = await addAccount(coin)
    await coin.pool.query('DELETE FROM configuration WHERE id = $1', [id])
    const { rows } = await coin.pool.query(`SELECT op FROM coin.history WHERE table_name = 'vpn' AND row_id = $1 ORDER BY id`, [id])
    expect(rows.map(({ op }) => op)).toEqual(['added', 'removed'])
  })
})

test('a password is never kept in clear, whoever writes, and when it was made is known', async () => {
  const { id } = await addAccount(coin)
  for (const text of ['secret', '{CLEARTEXT}something long', '{SSHA}', 'secret {SSHA}0123456789'])
    await expect(coin.pool.query('UPDATE vpn SET password_hash = $2 WHERE id = $1', [id, text]), text).rejects.toMatchObject({
      constraint: 'vpn_password_hashed',
    })
  await coin.pool.query('UPDATE vpn SET password_hash = $2 WHERE id = $1', [id, '{SSHA}vb3UqdKiRTq34RCF4pDr/xTP77FcOGNP'])
  const { rows } = await coin.pool.query('SELECT password_made_at IS NOT NULL AS made FROM vpn WHERE id = $1', [id])
  expect(rows).toEqual([{ made: true }])
})

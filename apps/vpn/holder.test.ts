import { setTimeout as sleep } from 'node:timers/promises'
import { addMember, type TestWeb, testWeb } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccount, rowOf, subscribe } from './fixture.ts'
import vpnApp from './index.tsx'

const token = 'a-token-that-is-only-good-for-these-tests'
const ca = '-----BEGIN CERTIFICATE-----\nMIIBtest\n-----END CERTIFICATE-----'
let web: TestWeb
beforeAll(async () => {
  web = await testWeb({ apps: [vpnApp({ server: { remotes: [{ host: 'vpn.example.net' }], ca }, sessionToken: token })] })
})
afterAll(() => web.close())

const linkIn = (page: string) => /href="http[^"]*(\/vpn\/link\/[\w-]{43})"/.exec(page)?.[1] ?? ''
const query = (statement: string, ...values: unknown[]) => web.coin.pool.query(statement, values)
const subscriptionOf = '(SELECT subscription_id FROM configuration WHERE id = $1)'

async function someoneWaits() {
  for (;;) {
    const { rows } = await query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
    if (rows.length > 0) return
    await sleep(20)
  }
}

/** An account whose member has a password, a link to the profile, and was connected. */
async function used(username: string) {
  const account = await addAccount(web.coin, { username })
  const owner = await web.member(account.member)
  await owner.post(`/vpn/${account.id}/password`)
  const link = linkIn(await (await owner.post(`/vpn/${account.id}/phone`)).text())
  await web.request('/vpn/session', {
    method: 'POST',
    body: new URLSearchParams({ event: 'connect', login: account.login, session: 's', remote: '192.0.2.77' }),
    headers: { Authorization: `Bearer ${token}` },
  })
  return { ...account, link, owner }
}

describe('another member who takes an account over', () => {
  test.each(['the subscription', 'the configuration'])('finds the addresses and nothing of the one before, when %s moves', async what => {
    const account = await used(what === 'the subscription' ? 'before' : 'earlier')
    const next = await addMember(web.coin)
    await query('UPDATE member SET username = $2 WHERE id = $1', next, `after-${account.id}`)
    if (what === 'the subscription') await query(`UPDATE subscription SET member_id = $2 WHERE id = ${subscriptionOf}`, account.id, next)
    else await query('UPDATE configuration SET subscription_id = $2 WHERE id = $1', account.id, await subscribe(web.coin, next))
    const { ipv4, ipv6 } = account
    expect(await rowOf(web.coin, account.id)).toEqual({ login: `after-${account.id}-vpn1`, activated: true, hash: null, ipv4, ipv6 })
    expect((await web.request(account.link)).status).toBe(404)
    expect((await account.owner.get(`/vpn/${account.id}`)).status).toBe(404)
    const page = await (await web.member(next)).page(`/vpn/${account.id}`)
    expect(page).not.toContain('192.0.2.77')
    expect(page).not.toContain(account.login)
  })

  test('does not get a password that the one before asked for at the same moment', async () => {
    const account = await used('slow')
    const next = await addMember(web.coin)
    const taking = await web.coin.pool.connect()
    try {
      await taking.query('BEGIN')
      await taking.query(`UPDATE subscription SET member_id = $2 WHERE id = ${subscriptionOf}`, [account.id, next])
      const asked = account.owner.post(`/vpn/${account.id}/password`)
      await someoneWaits()
      await taking.query('COMMIT')
      expect((await asked).status).toBe(404)
    } finally {
      taking.release(true)
    }
    expect((await rowOf(web.coin, account.id)).hash).toBeNull()
  })

  test('is another one: who keeps the subscription keeps the password', async () => {
    const account = await used('stays')
    const before = await rowOf(web.coin, account.id)
    await query(`UPDATE subscription SET member_id = member_id WHERE id = ${subscriptionOf}`, account.id)
    await query('UPDATE configuration SET subscription_id = $2 WHERE id = $1', account.id, await subscribe(web.coin, account.member))
    expect(await rowOf(web.coin, account.id)).toEqual(before)
  })
})

test('a link opens nothing once the subscription has ended, nor does a new one', async () => {
  const account = await used('leaves')
  await query(`UPDATE subscription SET resigned_on = current_date - 1 WHERE id = ${subscriptionOf}`, account.id)
  expect((await web.request(account.link)).status).toBe(404)
  expect((await web.request(`${account.link}/profile.ovpn`)).status).toBe(404)
  const page = await account.owner.page(`/vpn/${account.id}`)
  expect(page).toContain('Your VPN ended on')
  for (const action of ['password', 'phone', 'profile.ovpn']) expect(page, action).not.toContain(`/vpn/${account.id}/${action}`)
  for (const action of ['password', 'phone']) expect((await account.owner.post(`/vpn/${account.id}/${action}`)).status, action).toBe(409)
})

test('which logins were given cannot be forgotten, whoever tries', async () => {
  const { login } = await addAccount(web.coin)
  for (const statement of [
    `DELETE FROM vpn_login WHERE login = '${login}'`,
    `UPDATE vpn_login SET login = 'free' WHERE login = '${login}'`,
    'TRUNCATE vpn_login',
  ])
    await expect(query(statement), statement).rejects.toMatchObject({ code: 'CN000' })
})

test('passwords are not made without end, by many at once neither', async () => {
  const account = await addAccount(web.coin)
  const owner = await web.member(account.member)
  const made = await Promise.all(Array.from({ length: 23 }, () => owner.post(`/vpn/${account.id}/password`)))
  expect(made.filter(({ status }) => status === 200)).toHaveLength(20)
  expect(made.filter(({ status }) => status === 429)).toHaveLength(3)
})

test('where certificates are all there is, no page speaks of a password or shows a code that leads to half a profile', async () => {
  const server = { remotes: [{ host: 'vpn.example.net' }], ca }
  const site = await testWeb({ apps: [vpnApp({ passwords: false, certificates: {}, server })] })
  try {
    const { id, member } = await addAccount(site.coin)
    const owner = await site.member(member)
    const own = await owner.page(`/vpn/${id}`)
    expect(own).toContain('Get a certificate')
    for (const page of [own, await owner.page('/vpn/help')])
      expect(page.replace('there is no password to type', '')).not.toMatch(/password/i)
    expect(own).not.toContain(`/vpn/${id}/phone`)
    expect((await owner.post(`/vpn/${id}/phone`)).status).toBe(409)
    expect((await owner.post(`/vpn/${id}/password`)).status).toBe(409)
  } finally {
    await site.close()
  }
})

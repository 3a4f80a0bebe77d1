import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAccount, rowOf } from '../../apps/vpn/fixture.ts'
import vpnApp from '../../apps/vpn/index.tsx'
import { type Actor, withinScope } from '../../core/src/app/scope.ts'
import { type TestCoin, testCoin } from '../../core/src/testing/index.ts'

let coin: TestCoin
let account: Awaited<ReturnType<typeof addAccount>>
beforeAll(async () => {
  coin = await testCoin({ apps: [vpnApp()] })
  account = await addAccount(coin)
})
afterAll(() => coin.close())

const staff = (...permissions: string[]): Actor => ({
  kind: 'user',
  label: 'Zoé',
  userId: 'zoe',
  roles: ['staff'],
  permissions: new Set(permissions),
})

/** What a page of the account answers to somebody, as the web server would ask it. */
async function post(view: string, actor: Actor, form: Record<string, string> = {}): Promise<Response> {
  const route = coin.registry.routes.find(({ name }) => name === `vpn:${view}`)
  if (route?.kind !== 'configuration') throw new Error(`There is no page ${view}`)
  const site = new Hono()
  site.onError((error, c) => c.text('code' in error ? String(error.code) : error.message, 400))
  site.post('/', c =>
    coin.asSystem('test', () =>
      withinScope({ actor }, () =>
        coin.transaction(actor, async tx => {
          const configuration = await coin.configurationFor(actor, 'vpn', account.id, tx, route.view.permission ?? 'configuration.change')
          const reply = configuration && (await route.view.post?.({ c, configuration, tx }))
          return reply instanceof Response ? reply : c.text('nothing', 404)
        }),
      ),
    ),
  )
  return site.request('/', { method: 'POST', body: new URLSearchParams(form) })
}

test('staff make a password, or a link to the profile, with the permission for it alone', async () => {
  for (const view of ['password', 'phone']) {
    for (const permissions of [[], ['configuration.change'], ['vpn.other']]) {
      const answer = await post(view, staff(...permissions))
      expect([answer.status, await answer.text()], `${view} ${permissions}`).toEqual([404, 'nothing'])
    }
  }
  expect((await rowOf(coin, account.id)).hash).toBeNull()
  expect((await post('password', staff('vpn.reset'))).status).toBe(200)
  expect((await rowOf(coin, account.id)).hash).toContain('argon2id')
})

test('staff choose the address with the permission to change configurations', async () => {
  const form = { ipv4Endpoint: account.ipv4?.replace(/\d+$/, '2') ?? '' }
  expect(await (await post('endpoints', staff('vpn.reset'), form)).text()).toBe('nothing')
  expect((await post('endpoints', staff('configuration.change'), form)).status).toBe(303)
  expect((await rowOf(coin, account.id)).ipv4).toBe(form.ipv4Endpoint)
})

test('without the permissions the page has neither button nor form', async () => {
  const page = await (await post('password', staff('vpn.reset'))).text()
  expect(page).toContain('Make another password')
  expect(page).not.toContain('name="ipv4Endpoint"')
})

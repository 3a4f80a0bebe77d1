import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openCoin } from '../coin.ts'
import { type TestWeb, testWeb } from '../testing/web.ts'
import { createUser, ensureFirstAdmin } from './rules.ts'

let t: TestWeb
beforeEach(async () => {
  vi.stubEnv('COIN_ADMIN_EMAIL', '')
  vi.stubEnv('COIN_ADMIN_PASSWORD', '')
  t = await testWeb()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await t?.close()
})

const signIn = (email: string, password: string) => t.client().post('/sign-in', { email, password })

test('the first administrator gets a password made up, told once', async () => {
  const made = await ensureFirstAdmin(t.coin, { email: 'Root@example.org' })
  expect(made).toEqual({ email: 'root@example.org', password: expect.stringMatching(/^.{16}$/) })
  const entered = await signIn('root@example.org', made?.password ?? '')
  expect(entered.headers.get('Location')).toBe('/admin')
  expect(await ensureFirstAdmin(t.coin)).toBeUndefined()
})

test('address and password come from the environment, and the password is not told', async () => {
  vi.stubEnv('COIN_ADMIN_EMAIL', 'chief@example.org')
  vi.stubEnv('COIN_ADMIN_PASSWORD', 'chosen by the operator')
  expect(await ensureFirstAdmin(t.coin)).toEqual({ email: 'chief@example.org' })
  expect((await signIn('chief@example.org', 'chosen by the operator')).status).toBe(303)
})

test('without any wish it is admin@example.org, who can sign in', async () => {
  const made = await ensureFirstAdmin(t.coin)
  expect((await signIn(made?.email ?? '', made?.password ?? '')).status).toBe(303)
})

test('processes that start at once make one', async () => {
  const { config } = t.coin.registry
  const others = [1, 2, 3].map(() => openCoin(config, { databaseUrl: t.coin.url, secret: t.coin.secret, data: t.coin.data }))
  const made = await Promise.all([t.coin, ...others, ...others].map(coin => ensureFirstAdmin(coin, { email: 'root@example.org' })))
  expect(made.filter(Boolean)).toHaveLength(1)
  expect((await t.coin.pool.query('SELECT FROM auth."user"')).rowCount).toBe(1)
  await Promise.all(others.map(coin => coin.close()))
})

test('wrong wishes stop the start and say where to look', async () => {
  for (const given of [{ email: 'no address' }, { email: 'root@example.org', password: 'short' }]) {
    await expect(ensureFirstAdmin(t.coin, given)).rejects.toMatchObject({ code: 'boot', hint: expect.stringContaining('COIN_ADMIN_') })
  }
})

test('an address belongs to one account, whatever the case', async () => {
  const add = (email: string) => t.coin.write(tx => createUser({ email, name: 'A', role: 'member', password: 'long enough' }, tx))
  await add('a@example.org')
  await expect(add('A@Example.org')).rejects.toMatchObject({
    code: 'invalid',
    message: 'Another account has this e-mail address.',
    fields: [{ field: 'email' }],
  })
})

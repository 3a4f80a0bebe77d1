import { createHash } from 'node:crypto'
import { defineApp, defineBackend } from 'coin'
import { addConfiguration, addOffer, addPool, addSubnet, addSubscription, type TestClient, type TestWeb, testWeb } from 'coin/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import withSubnetEvent, { network, tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { adminSite } from '../admin/fixture.tsx'
import type { Actor } from '../app/scope.ts'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'

/** A slow target with a secret: it waits before it answers, for as long as the test wants. */
const vault = { entries: new Map<string, { login: string; password: string }>(), gate: Promise.resolve(), readers: 0, down: '' }
const vaulted = defineBackend(tunnels, {
  name: 'fixture_vault',
  label: 'Vault',
  key: tunnel => `vault-${tunnel.id}`,
  desired: tunnel => ({ login: tunnel.login, password: createHash('sha256').update(`secret of ${tunnel.login}`).digest('hex') }),
  secrets: ['password'],
  async read(key) {
    if (vault.down) throw Object.assign(new Error(vault.down), { code: 'ECONNREFUSED' })
    vault.readers++
    await vault.gate
    vault.readers--
    return vault.entries.get(key)
  },
  apply: async (key, desired) => void vault.entries.set(key, desired),
  destroy: async key => void vault.entries.delete(key),
})

let site: TestWeb
let staff: TestClient
let worker: RunningWorker
let offer: number
let pool: number
let logins = 0
beforeAll(async () => {
  site = await testWeb({
    apps: [
      withSubnetEvent(),
      defineApp({ name: 'vault', verboseName: 'Vault', root: new URL('./fixture/', import.meta.url).href }, { backends: [vaulted] })(),
    ],
  })
  staff = await site.signIn('staff')
  worker = await startWorker(site.coin, { log: { info() {}, warn() {} } })
  pool = await addPool(site.coin, '198.51.100.0/24', { length: 29, quarantineDays: 30 })
  await addPool(site.coin, '203.0.113.0/24', { length: 29 })
  offer = await addOffer(site.coin, 'fixture_tunnel', [pool])
})
afterAll(async () => {
  await worker.stop()
  await site.close()
})
beforeEach(() => {
  network.broken = ''
  vault.down = ''
})

const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> =>
  (await site.coin.pool.query(statement, values)).rows as T[]
const settled = () =>
  until(
    async () =>
      (
        await rows(`SELECT FROM coin.outbox UNION ALL SELECT FROM coin.delivery UNION ALL SELECT FROM provisioning_state WHERE due_at IS NOT NULL
          UNION ALL SELECT FROM graphile_worker.jobs WHERE task_identifier NOT LIKE 'system:%'`)
      ).length === 0,
  )
/** Everything a plan could have left behind. */
const stored = () =>
  rows(`SELECT (SELECT count(*) FROM coin.outbox) AS outbox, (SELECT count(*) FROM coin.history) AS history, (SELECT count(*) FROM coin.delivery) AS deliveries,
    (SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM fixture_tunnel t) AS tunnels, (SELECT md5(coalesce(string_agg(c::text, '|' ORDER BY c::text), '')) FROM configuration c) AS configurations,
    (SELECT md5(coalesce(string_agg(n::text, '|' ORDER BY n::text), '')) FROM ip_subnet n) AS subnets, (SELECT count(*) FROM subscription_suspension) AS suspensions,
    (SELECT md5(coalesce(string_agg(b::text, '|' ORDER BY b::text), '')) FROM ip_block b) AS blocks, (SELECT count(*) FROM fixture_event) AS events`)

/** A subscription with a tunnel that every backend has. */
async function tunnel() {
  const login = `t${++logins}`
  const subscription = await addSubscription(site.coin, { offer })
  const id = await addConfiguration(site.coin, tunnels, { login }, { subscription })
  await settled()
  return { login, subscription, id }
}

const hidden = (html: string) =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)]),
  )
const unescaped = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<')
const plain = (html: string) =>
  html
    .replace(/^[\s\S]*<main/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

/** Sends a form to be reviewed: the page of the plan, and what pressing its button sends. */
async function review(path: string, form: Record<string, string>, client = staff) {
  const answer = await client.post(path, { ...form, 'coin.plan': 'review' })
  const html = await answer.text()
  return {
    status: answer.status,
    html,
    text: plain(html),
    form: { ...hidden(html.replace(/^[\s\S]*class="bulk"/, '')), 'coin.plan': 'apply' } as Record<string, string>,
  }
}

test('a new subnet: the page shows the prefix and what each backend would get, nothing has happened, and exactly that is applied', async () => {
  const { id, login } = await tunnel()
  const before = await stored()
  const { status, text, html, form } = await review('/admin/subnets/new', { configurationId: String(id) })
  expect(status).toBe(200)
  expect(await stored()).toEqual(before)
  expect(text).toContain('Nothing has changed yet.')
  const prefix = /Added\s+(198\.51\.100\.\d+\/29)/.exec(text)?.[1] ?? ''
  expect(text).toMatch(/addresses will be left/)
  expect(html).toContain(`<ins>+ ${prefix}</ins>`)
  expect(text).toContain('It touches 1 subnet and 1 backend.')
  const applied = await staff.post('/admin/subnets/new', form)
  expect(applied.status).toBe(303)
  await settled()
  expect(await rows('SELECT prefix FROM ip_subnet WHERE configuration_id = $1 AND prefix = $2', [id, prefix])).toHaveLength(1)
  expect(network.entries.get(login)).toContain(prefix)
  // sent a second time: that would be another subnet, which nobody has seen
  const again = await staff.post('/admin/subnets/new', form)
  expect(again.status).toBe(409)
  expect(plain(await again.text())).toContain('other addresses are concerned')
  expect(await rows('SELECT FROM ip_subnet WHERE configuration_id = $1', [id])).toHaveLength(2)
})

test('a new configuration: its number, its subnet and its entries are those that were shown', async () => {
  const subscription = await addSubscription(site.coin, { offer })
  const path = '/admin/configurations/new?kind=fixture_tunnel'
  const { html, text, form } = await review(path, { subscriptionId: String(subscription), login: `t${++logins}`, comment: '' })
  const key = /vault-\d+/.exec(html)?.[0]
  const prefix = /Added\s+(198\.51\.100\.\d+\/29)/.exec(text)?.[1]
  expect(text).toContain('It touches 1 subnet and 3 backends.')
  expect(html).not.toContain(createHash('sha256').update(`secret of t${logins}`).digest('hex'))
  expect(html).toContain('password: •••')
  const twice = await Promise.all([staff.post(path, form), staff.post(path, form)])
  expect(twice.map(({ status }) => status).sort()).toEqual([303, expect.toSatisfy(status => status === 422 || status === 409)])
  await settled()
  const [made] = await rows<{ id: number }>('SELECT id FROM configuration WHERE subscription_id = $1', [subscription])
  expect(key).toBe(`vault-${made?.id}`)
  expect(vault.entries.get(`vault-${made?.id}`)?.login).toBe(`t${logins}`)
  expect(await rows('SELECT prefix FROM ip_subnet WHERE configuration_id = $1', [made?.id])).toEqual([{ prefix }])
})

test('the world moved: somebody took the addresses, edited the target, changed the row, or typed something else; nothing is done', async () => {
  const { id, login } = await tunnel()
  const path = '/admin/subnets/new'
  const refused = async (form: Record<string, string>, reason: string, to = path) => {
    await settled()
    const before = await stored()
    const answer = await staff.post(to, form)
    const text = plain(await answer.text())
    expect(answer.status).toBe(409)
    expect(text).toContain(`The world has moved since: ${reason}`)
    expect(await stored()).toEqual(before)
    return text
  }
  const other = await tunnel()
  const taken = await review(path, { configurationId: String(id) })
  await addSubnet(site.coin, other.id, { pool })
  await refused(taken.form, 'other addresses are concerned')

  const edited = await review(path, { configurationId: String(id) })
  network.entries.set(login, ['192.0.2.0/24'])
  expect(await refused(edited.form, 'a target holds something else')).toContain('- 192.0.2.0/24')

  const changed = await review(path, { configurationId: String(id) })
  await site.coin.pool.query(`UPDATE configuration SET comment = 'by hand' WHERE id = $1`, [id])
  await refused(changed.form, 'what is stored was changed')

  const else_ = await review(path, { configurationId: String(id), prefix: '198.51.100.248/29' })
  await refused(
    { ...else_.form, prefix: '198.51.100.240/29' },
    'what is stored was changed, other addresses are concerned, something else would be sent',
  )
  await refused({ ...else_.form, 'coin.planned': 'nothing' }, 'what is stored was changed')
})

test('a form from before somebody changed the row comes back with what changed, not with a plan', async () => {
  const { id } = await tunnel()
  const form = hidden(await staff.page(`/admin/configurations/${id}/edit`))
  await site.coin.pool.query(`UPDATE configuration SET comment = 'by hand' WHERE id = $1`, [id])
  const answer = await staff.post(`/admin/configurations/${id}/edit`, { ...form, login: 'mine', 'coin.plan': 'review' })
  expect(answer.status).toBe(409)
  expect(plain(await answer.text())).toContain('changed this while you were typing')
})

test('a changed key: what goes at the old place and comes at the new one; back to the form keeps what was typed', async () => {
  const { id, login } = await tunnel()
  const form = { ...hidden(await staff.page(`/admin/configurations/${id}/edit`)), login: `${login}-new`, comment: '' }
  const shown = await review(`/admin/configurations/${id}/edit`, form)
  const prefix = network.entries.get(login)?.[0]
  expect(shown.text).toContain(`Login: ${login} → ${login}-new`)
  expect(shown.text).toContain(`- ${login} + ${login}-new`)
  expect(shown.html).toContain('password: •••')
  const typing = await staff.post(`/admin/configurations/${id}/edit`, { ...shown.form, 'coin.plan': 'edit' })
  expect(await typing.text()).toContain(`value="${login}-new"`)
  expect((await staff.post(`/admin/configurations/${id}/edit`, shown.form)).status).toBe(303)
  await settled()
  expect(network.entries.has(login)).toBe(false)
  expect(network.entries.get(`${login}-new`)).toEqual([prefix])
})

test('a suspension to come: nothing at once, removed from its first day to its last', async () => {
  const { subscription } = await tunnel()
  const { text } = await review('/admin/suspensions/new', {
    subscriptionId: String(subscription),
    from: '2031-12-01',
    until: '2031-12-31',
    reason: 'Unpaid',
  })
  expect(text).toContain('1–31 December 2031 · 1 value')
  expect(text).toContain('It touches 3 backends.')
  const open = await review('/admin/suspensions/new', { subscriptionId: String(subscription), from: '2031-12-01' })
  expect(open.text).toContain('From 1 December 2031 · 1 value')
  expect(open.text).toContain('Kept')
})

test('a resignation takes effect on the day after the last one; another offer of the same type keeps the addresses', async () => {
  const { subscription } = await tunnel()
  const form = hidden(await staff.page(`/admin/subscriptions/${subscription}/edit`))
  const [row] = await rows<{ member_id: number }>('SELECT member_id FROM subscription WHERE id = $1', [subscription])
  const typed = { ...form, memberId: String(row?.member_id), startedOn: '2026-01-01', resignedOn: '2031-06-30', commitmentMonths: '0' }
  expect((await review(`/admin/subscriptions/${subscription}/edit`, typed)).text).toContain('From 1 July 2031 · 1 value')
  const dearer = await addOffer(site.coin, 'fixture_tunnel')
  const changed = await review(`/admin/subscriptions/${subscription}/offer`, { offerId: String(dearer), from: '2031-01-01' })
  expect(changed.status).toBe(200)
  expect(changed.text).toContain('It touches neither addresses nor the network.')
  expect((await staff.post(`/admin/subscriptions/${subscription}/offer`, changed.form)).status).toBe(302)
  expect(await rows('SELECT FROM subscription_offer WHERE subscription_id = $1', [subscription])).toHaveLength(2)
})

test('a removal: addresses rest, every backend lets go, and that is what happens', async () => {
  const { id, login } = await tunnel()
  const form = hidden(await staff.page(`/admin/configurations/${id}/remove`))
  const shown = await review(`/admin/configurations/${id}/remove`, form)
  expect(shown.text).toMatch(/Released\s+198\.51\.100\.\d+\/29\s+rests until/)
  expect(shown.text).toContain('It touches 1 subnet and 3 backends.')
  expect((await staff.post(`/admin/configurations/${id}/remove`, shown.form)).status).toBe(303)
  await settled()
  expect(network.entries.has(login)).toBe(false)
  expect(vault.entries.has(`vault-${id}`)).toBe(false)
  expect(await rows(`SELECT FROM provisioning_state WHERE configuration_id = $1`, [id])).toHaveLength(0)
})

test('a target that is down says so, shows what would be sent, and the change can be made', async () => {
  const { id, login } = await tunnel()
  network.broken = 'connect ECONNREFUSED'
  const { text, form } = await review('/admin/subnets/new', { configurationId: String(id) })
  expect(text).toContain('Not answering')
  const prefix = /Added\s+(198\.51\.100\.\d+\/29)/.exec(text)?.[1] ?? ''
  expect(text).toContain(`+ ${prefix}`)
  expect((await staff.post('/admin/subnets/new', form)).status).toBe(303)
  network.broken = ''
  await site.coin.pool.query('UPDATE provisioning_state SET due_at = now() WHERE due_at IS NOT NULL')
  await until(async () => network.entries.get(login)?.includes(prefix) === true)
})

test('no lock is held while a slow target is read: another plan and a writer go on', async () => {
  const { id } = await tunnel()
  await settled()
  const free = Promise.withResolvers<void>()
  vault.gate = free.promise
  const slow = review('/admin/subnets/new', { configurationId: String(id) })
  await until(async () => vault.readers > 0)
  const parallel = review('/admin/subnets/new', { configurationId: String(id) })
  await until(async () => vault.readers > 1)
  const [, written] = await rows(`UPDATE configuration SET comment = 'meanwhile' WHERE id = ${id} RETURNING 1`).then(async changed => [
    changed,
    await rows(`SELECT * FROM allocate_subnet(${id}, NULL, ${pool}, NULL)`),
  ])
  expect(written).toHaveLength(1)
  free.resolve()
  vault.gate = Promise.resolve()
  const [first, second] = await Promise.all([slow, parallel])
  expect([first.status, second.status]).toEqual([200, 200])
  const refused = await staff.post('/admin/subnets/new', first.form)
  expect(refused.status).toBe(409)
})

test('the world moves between the last look and the change itself: it is rolled back', async () => {
  const [{ id }, other] = [await tunnel(), await tunnel()]
  const { text, form } = await review('/admin/subnets/new', { configurationId: String(id) })
  const prefix = /Added\s+(198\.51\.100\.\d+\/29)/.exec(text)?.[1] ?? ''
  const free = Promise.withResolvers<void>()
  vault.gate = free.promise
  const applying = staff.post('/admin/subnets/new', form)
  await until(async () => vault.readers > 0)
  await addSubnet(site.coin, other.id, { prefix })
  free.resolve()
  vault.gate = Promise.resolve()
  const refused = await applying
  expect(refused.status).toBe(409)
  expect(plain(await refused.text())).toContain('other addresses are concerned')
  expect(await rows('SELECT FROM ip_subnet WHERE configuration_id = $1', [id])).toHaveLength(1)
  await settled()
})

test('what would be refused is refused at once, in the form; who may not change may not plan', async () => {
  const { id } = await tunnel()
  const form = { configurationId: String(id), prefix: '203.0.113.8/29' }
  const answer = await review('/admin/subnets/new', form)
  expect(answer.status).toBe(422)
  expect(answer.text).toContain('203.0.113.8/29 is not for tunnels.')
  const nobody = await site.client().post('/admin/subnets/new', { ...form, 'coin.plan': 'review' })
  expect([302, 303, 401]).toContain(nobody.status)
  const member = await site.signIn('member')
  expect((await member.post('/admin/subnets/new', { ...form, 'coin.plan': 'review' })).status).toBe(403)
  expect((await member.post('/admin/subnets/new', { ...form, 'coin.plan': 'apply', 'coin.planned': 'x' })).status).toBe(403)
  const none = await review('/admin/subnets/new', { configurationId: '' })
  expect(none.status).toBe(422)
})

test('a place that another configuration has: the plan says that the backend cannot do it', async () => {
  const [one, other] = [await tunnel(), await tunnel()]
  const form = { ...hidden(await staff.page(`/admin/configurations/${one.id}/edit`)), login: other.login, comment: '' }
  const { text } = await review(`/admin/configurations/${one.id}/edit`, form)
  expect(text).toContain('It can be saved, but a backend cannot work with it.')
  expect(text).toContain(`The place ${other.login} belongs to configuration ${other.id}`)
})

test('a subscription is added and removed, and a subnet handed over, as shown', async () => {
  const [member] = await rows<{ id: number }>('SELECT id FROM member ORDER BY id LIMIT 1')
  const added = await review('/admin/subscriptions/new', { memberId: String(member?.id), offerId: String(offer), startedOn: '2026-05-01' })
  expect(added.text).toContain('It touches neither addresses nor the network.')
  expect((await staff.post('/admin/subscriptions/new', added.form)).status).toBe(303)

  const [from, to] = [await tunnel(), await tunnel()]
  const [subnet] = await rows<{ id: number; prefix: string }>('SELECT id, prefix FROM ip_subnet WHERE configuration_id = $1', [from.id])
  const edit = `/admin/subnets/${subnet?.id}/edit`
  const form = { ...hidden(await staff.page(edit)), configurationId: String(to.id), prefix: String(subnet?.prefix) }
  const handed = await review(edit, form)
  expect(handed.text).toContain(`Handed over ${subnet?.prefix} from ${from.login} to ${to.login}`)
  expect((await staff.post(edit, handed.form)).status).toBe(303)
  await settled()
  expect([network.entries.get(from.login), network.entries.get(to.login)?.includes(String(subnet?.prefix))]).toEqual([[], true])

  const removed = await review(
    `/admin/subscriptions/${to.subscription}/remove`,
    hidden(await staff.page(`/admin/subscriptions/${to.subscription}/remove`)),
  )
  expect(removed.text).toContain('It touches 2 subnets and 3 backends.')
  expect((await staff.post(`/admin/subscriptions/${to.subscription}/remove`, removed.form)).status).toBe(303)
  await settled()
  expect(network.entries.has(to.login)).toBe(false)
})

test('planning takes the right to make the change', async () => {
  const { id } = await tunnel()
  const admin = adminSite(site.coin)
  const actor = (...permissions: string[]): Actor => ({
    kind: 'user',
    label: 'Solène',
    userId: 'u1',
    roles: ['staff'],
    permissions: new Set(['subnet.view', 'configuration.view', ...permissions]),
  })
  const form = { configurationId: String(id), 'coin.plan': 'review' }
  expect((await admin.post(actor(), '/admin/subnets/new', form)).status).toBe(403)
  expect((await admin.post(actor('subnet.change'), '/admin/subnets/new', form)).status).toBe(403)
  expect((await admin.post(actor('subnet.add'), '/admin/subnets/new', form)).status).toBe(200)
  expect((await admin.post(actor('configuration.change'), `/admin/configurations/${id}/remove`, { 'coin.plan': 'review' })).status).toBe(
    403,
  )
})

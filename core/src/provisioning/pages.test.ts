import { addConfiguration, statementsOf, type TestClient, type TestWeb, testWeb } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import withSubnetEvent, { network, tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { allows } from '../app/access.ts'
import type { Actor } from '../app/scope.ts'

let web: TestWeb
let staff: TestClient
let count = 0
beforeAll(async () => {
  web = await testWeb({ apps: [withSubnetEvent()] })
  staff = await web.signIn('staff')
})
afterAll(() => web.close())

const sql = async (statement: string, values: unknown[] = []) => (await web.coin.pool.query(statement, values)).rows

/** A configuration with a state on the fixture's directory: no worker runs, so it stays as it is. */
async function given(columns: Record<string, unknown>) {
  const login = `tunnel${++count}`
  const id = await addConfiguration(web.coin, tunnels, { login })
  const names = Object.keys(columns)
  await sql(
    `INSERT INTO provisioning_state (configuration_id, backend, key, ${names.join(', ')}) VALUES ($1, 'fixture_directory', $2, ${names.map((_, n) => `$${n + 3}`).join(', ')})`,
    [id, login, ...Object.values(columns)],
  )
  const [row] = await sql('SELECT subscription_id AS id FROM configuration WHERE id = $1', [id])
  return { id, login, subscription: Number(row.id) }
}

const failed = { state: 'failed', error: 'no such attribute', attempts: 4, due_at: '2100-01-01T08:24:00Z' }
const base = '/admin/provisioning'
const ours = `${base}/fixture_directory`
const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

describe('who may', () => {
  const gets = ['', '/fixture_directory', '/fixture_directory/orphans', '/fixture_directory/sweeps', '/fixture_directory/go-ahead']
  const posts = ['retry', 'chosen', 'sweep', 'remove', 'go-ahead'].map(name => `/fixture_directory/${name}`)

  test('nobody is sent to sign in, somebody who is no staff is refused, staff may', async () => {
    const { id } = await given(failed)
    const nobody = web.client()
    const member = await web.signIn('member')
    for (const path of [...gets, `/fixture_directory/compare/${id}`]) {
      expect([path, (await nobody.get(base + path)).status]).toEqual([path, 302])
      expect([path, (await member.get(base + path)).status]).toEqual([path, 403])
      expect([path, (await staff.get(base + path)).status]).toEqual([path, path.endsWith('go-ahead') ? 303 : 200])
    }
    for (const path of posts) {
      expect([path, (await nobody.post(base + path)).status]).toEqual([path, 401])
      expect([path, (await member.post(base + path)).status]).toEqual([path, 403])
    }
    expect(await sql(`SELECT FROM provisioning_sweep`)).toEqual([])
  })

  test('staff without a permission may not do what it is for', () => {
    const actor = (...permissions: string[]): Actor => ({ kind: 'user', label: 'x', roles: ['staff'], permissions: new Set(permissions) })
    const needs = {
      overview: 'view',
      backend: 'view',
      orphans: 'view',
      sweeps: 'view',
      compare: 'view',
      retry: 'retry',
      chosen: 'retry',
      sweep: 'sweep',
      remove: 'remove',
      confirm: 'remove',
    }
    const all = ['view', 'retry', 'sweep', 'remove'].map(verb => `provisioning.${verb}`)
    for (const [view, verb] of Object.entries(needs)) {
      const access = web.coin.registry.routes.find(({ name }) => name === `provisioning:${view}`)?.access ?? 'public'
      expect([view, allows(access, actor(`provisioning.${verb}`))]).toEqual([view, true])
      expect([view, allows(access, actor(...all.filter(one => one !== `provisioning.${verb}`)))]).toEqual([view, false])
    }
  })

  test('a backend that nobody knows is not found, and nothing is done to one that is not installed', async () => {
    expect((await staff.get(`${base}/nothing`)).status).toBe(404)
    await sql(`INSERT INTO provisioning_state (configuration_id, backend, key, state) VALUES (900001, 'gone_backend', 'k', 'pending')`)
    expect(text(await staff.page(`${base}/gone_backend`))).toContain('Not installed')
    expect(text(await staff.page(base))).toContain('No installed app brings this backend')
    expect((await staff.post(`${base}/gone_backend/retry`)).status).toBe(404)
    expect((await staff.post(`${base}/gone_backend/sweep`)).status).toBe(404)
    await sql(`DELETE FROM provisioning_state WHERE backend = 'gone_backend'`)
  })
})

describe('the card of a subscription', () => {
  test('says state, reason, tries and the next one; its button has it tried again and comes back', async () => {
    const { id, subscription } = await given(failed)
    await sql(`INSERT INTO provisioning_state (configuration_id, backend, key, state) VALUES ($1, 'fixture_steady', $2, 'in_sync')`, [
      id,
      `steady-${id}`,
    ])
    const page = await staff.page(`/admin/subscriptions/${subscription}`)
    expect(text(page)).toMatch(
      /On the network.*Failed: 1 of 2.*fixture_directory Failed no such attribute 4 attempts, since \d\d:\d\d, next try on 1 January 2100, 09:24/,
    )
    expect(text(page)).toContain('fixture_steady In sync')
    const answer = await staff.post(`${ours}/retry`, { configuration: String(id), back: `/admin/subscriptions/${subscription}` })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/admin/subscriptions/${subscription}`])
    expect(
      await sql('SELECT due_at <= now() AS due, asked, state FROM provisioning_state WHERE configuration_id = $1 AND backend = $2', [
        id,
        'fixture_directory',
      ]),
    ).toEqual([{ due: true, asked: 2, state: 'failed' }])
    const elsewhere = await staff.post(`${ours}/retry`, { configuration: String(id), back: 'https://evil.example/' })
    expect(elsewhere.headers.get('location')).toBe(ours)
  })

  test('says since when the target does not answer', async () => {
    const { subscription } = await given({ state: 'pending' })
    await sql(
      `INSERT INTO provisioning_target (backend, down_since, error, attempts, probe_at) VALUES ('fixture_directory', '2026-01-02T03:04:00Z', 'connect ECONNREFUSED', 7, now() + interval '8 seconds')`,
    )
    for (const path of [`/admin/subscriptions/${subscription}`, base, ours])
      expect(text(await staff.page(path))).toMatch(
        /fixture_directory has not answered since 2 January 2026, \d\d:\d\d\. connect ECONNREFUSED/,
      )
    expect(text(await staff.page('/admin'))).toMatch(/On the network \d+ need a person/)
    await sql('DELETE FROM provisioning_target')
  })

  test('is in French as well', async () => {
    const { subscription } = await given(failed)
    const page = text(await (await staff.get(`/admin/subscriptions/${subscription}`, { 'Accept-Language': 'fr' })).text())
    expect(page).toMatch(/Sur le réseau.*En échec.*4 essais, depuis \d+ h \d\d, prochain essai le 1er janvier 2100.{1,4}9 h 24/)
  })
})

describe('the pages of a backend', () => {
  test('counts are links; a state lists its configurations with what differs, secrets as they were masked', async () => {
    const { login } = await given({
      state: 'drifted',
      difference: JSON.stringify([
        { path: 'password', from: '•••', to: '•••' },
        { path: 'prefix', from: 'a', to: 'b' },
      ]),
    })
    expect(await staff.page(base)).toContain(`href="${ours}?state=drifted"`)
    const page = await staff.page(`${ours}?state=drifted`)
    expect(text(page)).toContain(login)
    expect(page).toContain('<ins>+ prefix: b</ins>')
    expect(page).toContain('<del>- password: •••</del>')
    expect(page).not.toContain('no such attribute')
  })

  test('chosen rows are looked at again, or put right when they differ', async () => {
    const [differs, fails] = [await given({ state: 'drifted', due_at: null }), await given({ ...failed })]
    const due = async () =>
      (
        await sql(
          `SELECT configuration_id::int AS id FROM provisioning_state WHERE due_at <= now() AND configuration_id IN ($1, $2) ORDER BY 1`,
          [differs.id, fails.id],
        )
      ).map(({ id }) => id)
    expect(await due()).toEqual([])
    await staff.post(`${ours}/chosen`, { do: 'heal', id: [String(differs.id), String(fails.id)] })
    expect(await due()).toEqual([differs.id])
    await staff.post(`${ours}/chosen`, { do: 'retry', id: [String(fails.id)] })
    expect(await due()).toEqual([differs.id, fails.id])
    expect((await staff.post(`${ours}/chosen`, { do: 'retry', id: 'x' })).status).toBe(422)
  })

  test('are as quick with many as with few: the same statements, page after page, none left out', async () => {
    const few = statementsOf(await staff.get(ours))
    await sql(
      `INSERT INTO provisioning_state (configuration_id, backend, key, state, due_at) SELECT 1000000 + n, 'fixture_directory', 'many' || n, 'in_sync', NULL FROM generate_series(1, 120) AS n`,
    )
    const seen = new Set<string>()
    let path = `${ours}?state=in_sync`
    for (let pages = 0; path && pages < 10; pages++) {
      const answer = await staff.get(path)
      expect(statementsOf(answer)).toBeLessThanOrEqual(few)
      const html = await answer.text()
      for (const [key] of html.matchAll(/(?<=text-break">)\s*many\d+/g)) seen.add(key)
      const next = /class="btn" href="([^"]*after=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
      if (!next) {
        const back = /class="btn" href="([^"]*before=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
        expect((await (await staff.get(ours + back)).text()).match(/many\d+/g)?.length).toBeGreaterThan(50)
      }
      path = next ? ours + next : ''
    }
    expect(seen.size).toBe(120)
    await sql(`DELETE FROM provisioning_state WHERE configuration_id > 1000000`)
  })

  test('one is compared with what its target holds at this moment; what cannot be read says so', async () => {
    const { id, login } = await given({ state: 'in_sync' })
    network.entries.set(login, ['198.51.100.0/28'])
    expect(text(await staff.page(`${ours}/compare/${id}`))).toContain('- 198.51.100.0/28')
    network.entries.set(login, [])
    expect(text(await staff.page(`${ours}/compare/${id}`))).toContain('What is there is what should be.')
    network.entries.delete(login)
    expect(text(await staff.page(`${ours}/compare/${id}`))).toContain('Nothing is there. This should be:')
    network.broken = 'The directory is away'
    expect(text(await staff.page(`${ours}/compare/${id}`))).toMatch(/cannot be read: The directory is away This should be there:/)
    network.broken = ''
    expect((await staff.get(`${ours}/compare/123456`)).status).toBe(404)
  })
})

describe('orphans and comparisons', () => {
  const orphan = async (key: string) =>
    Number(
      (
        await sql(
          `INSERT INTO provisioning_orphan (backend, key, value, sweep_id) VALUES ('fixture_directory', $1, '{"password": "•••"}', 1) RETURNING id`,
          [key],
        )
      )[0].id,
    )

  test('are listed, and removed only after they were seen once more', async () => {
    const [first, second, other] = [await orphan('left-1'), await orphan('left-2'), await orphan('left-3')]
    const list = text(await staff.page(`${ours}/orphans`))
    expect(list).toContain('left-1')
    expect(list).toContain('password: •••')
    expect((await staff.post(`${ours}/remove`)).headers.get('location')).toBe(`${ours}/orphans`)
    const asked = await staff.post(`${ours}/remove`, { id: [String(first), String(second)] })
    const page = await asked.text()
    expect(text(page)).toContain('Remove 2 entries from fixture_directory?')
    expect(text(page)).toContain('left-2')
    expect(page).not.toContain('left-3')
    expect((await sql('SELECT FROM provisioning_orphan')).length).toBe(3)
    expect((await staff.post(`${ours}/remove`, { sure: 'yes', id: [String(first), String(second)] })).status).toBe(303)
    expect(await sql('SELECT key FROM provisioning_orphan')).toEqual([{ key: 'left-3' }])
    expect(await sql('SELECT configuration_id::int AS id, key FROM provisioning_state WHERE configuration_id < 0 ORDER BY 1 DESC')).toEqual(
      [
        { id: -first, key: 'left-1' },
        { id: -second, key: 'left-2' },
      ],
    )
    const all = await (await staff.post(`${ours}/remove`, { do: 'all' })).text()
    expect(all).toContain(`name="all" value="${other}"`)
    const late = await orphan('left-4')
    await staff.post(`${ours}/remove`, { sure: 'yes', all: String(other) })
    expect(await sql('SELECT id::int FROM provisioning_orphan')).toEqual([{ id: late }])
    await sql('DELETE FROM provisioning_orphan; DELETE FROM provisioning_state WHERE configuration_id < 0')
  })

  test('a comparison is asked for once, shows how far it is, and what it found', async () => {
    await staff.post(`${ours}/sweep`)
    await staff.post(`${ours}/sweep`)
    expect(await sql(`SELECT status, heal, confirmed, asked_by FROM provisioning_sweep`)).toEqual([
      { status: 'waiting', heal: 'configurations', confirmed: false, asked_by: 'Staff Person' },
    ])
    expect(text(await staff.page(base))).toContain('Waits for a worker')
    await sql(`UPDATE provisioning_sweep SET status = 'running', started_at = now(), total = 137, compared = 98, listed = 99`)
    const running = await staff.page(base)
    expect(running).toContain('<progress class="my-2" max="137" value="98"')
    expect(running).toContain('hx-trigger="every 10s, live throttle:300ms"')
    expect(text(running)).not.toContain('Compare now fixture_directory')
    await sql(`UPDATE provisioning_sweep SET status = 'done', ended_at = now(), in_sync = 96, differing = 2, orphaned = 1, healed = 2`)
    expect(text(await staff.page(`${ours}/sweeps`))).toContain('96 in sync, 2 differ, 1 explained by nothing, 2 put right')
    await sql('DELETE FROM provisioning_sweep')
  })

  test('one that would remove much asks: nothing is confirmed without having been seen', async () => {
    expect((await staff.post(`${ours}/go-ahead`)).status).toBe(409)
    await sql(
      `INSERT INTO provisioning_sweep (backend, heal, asked_by, status, started_at, ended_at, orphaned, listed, message) VALUES ('fixture_directory', 'all', 'schedule', 'asks', now(), now(), 40, 60, 'x')`,
    )
    const page = text(await staff.page(base))
    expect(page).toContain('This would remove 40 of the 60 entries that are there.')
    expect(page).toContain('the schedule')
    expect(text(await staff.page(`${ours}/go-ahead`))).toContain('Go ahead with fixture_directory?')
    expect((await staff.post(`${ours}/go-ahead`)).status).toBe(303)
    expect(await sql(`SELECT heal, confirmed, status FROM provisioning_sweep ORDER BY id DESC LIMIT 1`)).toEqual([
      { heal: 'all', confirmed: true, status: 'waiting' },
    ])
    await sql('DELETE FROM provisioning_sweep')
  })
})

test('today leads to the failures', async () => {
  await given(failed)
  const page = await staff.page('/admin')
  expect(page).toContain(`href="${ours}?state=failed"`)
})

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const data = mkdtempSync(path.join(tmpdir(), 'coin-cli-'))
let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await coin('migrate')
})
afterAll(async () => {
  await database.close()
  rmSync(data, { recursive: true, force: true })
})

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** Runs the real command, in a process of its own. */
function coin(...args: string[]): Promise<Outcome> {
  return coinWith({}, ...args)
}

function coinWith(env: Record<string, string>, ...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [path.join(root, 'core/bin/coin.js'), ...args], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      COIN_DATA: data,
      COIN_CONFIG: path.join(root, 'coin.config.ts'),
      COIN_SECRET: 'only-good-for-tests-but-long-enough',
      LANG: 'C',
      LC_ALL: 'C',
      ...env,
    },
  })
  const [out, error] = [child.stdout, child.stderr].map(stream => {
    const parts: Buffer[] = []
    stream.on('data', part => parts.push(part))
    return parts
  })
  return new Promise(resolve =>
    child.on('close', code => resolve({ code, out: Buffer.concat(out ?? []).toString(), error: Buffer.concat(error ?? []).toString() })),
  )
}

test('help names every group and the exit codes; a wrong word is a usage error', async () => {
  const help = await coin('--help')
  expect(help.code).toBe(0)
  for (const word of ['start', 'migrate', 'member', 'subscription', 'pool', 'subnet', 'offer', 'address', 'app', 'Exit codes:'])
    expect(help.out).toContain(word)
  expect((await coin('member', 'add', '--help')).out).toContain('--last-name <text>')
  expect(await coin('frobnicate')).toMatchObject({ code: 2, out: '' })
  expect((await coin('member', 'list', '--nonsense')).code).toBe(2)
  expect((await coin('member', 'list', '--page', 'x')).code).toBe(2)
})

test('a member goes round: added, listed, shown, changed, removed', async () => {
  const added = await coin('member', 'add', '--first-name', 'Amina', '--last-name', 'Berthier', '--email', 'amina@example.org', '--json')
  expect(added.code).toBe(0)
  const { id, version } = JSON.parse(added.out)
  const list = JSON.parse((await coin('member', 'list', '--search', 'berth', '--json')).out)
  expect(list).toMatchObject({ total: 1, rows: [{ id, displayName: 'Amina Berthier' }] })
  expect((await coin('member', 'list', '--filter', 'kind=legal', '--json')).out).toContain('"total": 0')
  expect((await coin('member', 'list', '--filter', 'kind=both')).code).toBe(2)
  expect((await coin('member', 'show', 'aberthier')).out).toContain('amina@example.org')
  expect((await coin('member', 'change', 'aberthier', '--city', 'Lyon', '--if-version', String(version))).code).toBe(0)
  const stale = await coin('member', 'change', 'aberthier', '--city', 'Nice', '--if-version', String(version))
  expect(stale.code).toBe(4)
  expect(stale.error).toContain('It was changed meanwhile by')
  const untouched = JSON.parse((await coin('member', 'show', String(id), '--json')).out)
  expect(untouched).toMatchObject({ city: 'Lyon', firstName: 'Amina' })
  expect((await coin('member', 'remove', 'aberthier')).code).toBe(2)
  expect((await coin('member', 'remove', 'aberthier', '--yes')).code).toBe(0)
  expect(await coin('member', 'show', 'aberthier')).toMatchObject({ code: 3, error: 'coin: member: There is no member “aberthier”.\n' })
})

test('errors are those of the page, in words and as JSON, all at once', async () => {
  const words = await coin('member', 'add', '--email', 'amina', '--joined-on', '31/11/2026')
  expect(words.code).toBe(1)
  expect(words.error).toContain('coin: member: E-mail address: Give an e-mail address such as name@example.org.')
  expect(words.error).toContain('November has 30 days.')
  const json = await coin('member', 'add', '--email', 'amina', '--json')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.error).error).toMatchObject({
    code: 'invalid',
    fields: [{ field: 'email', message: 'Give an e-mail address such as name@example.org.' }],
  })
  expect((await coinWith({ DATABASE_URL: 'postgres://127.0.0.1:1/nowhere' }, 'member', 'list')).code).toBe(69)
})

test('from a pool to the holder of an address', async () => {
  const steps = [
    ['member', 'add', '--first-name', 'Zoé', '--last-name', 'Abgrall', '--email', 'zoe@example.org'],
    ['pool', 'add', '--name', 'Subscribers', '--family', '4', '--prefixes', '198.51.100.0/28', '--default-prefix-length', '30'],
    ['offer', 'add', '--name', 'DSL', '--reference', 'dsl', '--configuration-type', 'simple_dsl', '--period-fee', '20'],
    ['offer_pool', 'add', '--offer', 'dsl', '--pool', 'Subscribers'],
    ['subscription', 'add', '--member', 'zabgrall', '--offer', 'dsl', '--reference', 'ZOE-1'],
    ['simple_dsl', 'add', '--subscription', 'ZOE-1', '--phone-number', '0123456789'],
  ]
  for (const step of steps) expect({ step, ...(await coin(...step)) }).toMatchObject({ code: 0, error: '' })
  expect((await coin('configuration', 'list', '--view', 'simple_dsl')).out).toContain('198.51.100.0/30')
  expect((await coin('subscription', 'show', 'ZOE-1')).out).toMatch(/^Offer: +DSL$/m)
  expect(JSON.parse((await coin('subscription', 'show', 'ZOE-1', '--json')).out)).toMatchObject({ prefixes: ['198.51.100.0/30'] })
  expect((await coin('pool', 'show', 'Subscribers')).out.match(/^Name:/gm)).toHaveLength(1)
  expect((await coin('address', '198.51.100.2')).out).toContain('Zoé Abgrall')
  expect((await coin('address', '198.51.100.2', '--at', '2020-01-01')).code).toBe(3)
  expect((await coin('address', '198.51.100.1/24')).error).toContain('the network is 198.51.100.0/24')
  const twice = await coin('simple_dsl', 'add', '--subscription', 'ZOE-1', '--phone-number', '1')
  expect(twice).toMatchObject({ code: 1, error: 'coin: simple_dsl: Subscription: This subscription has a configuration already.\n' })
})

test('what is held about a member is written, to the terminal or a new file', async () => {
  await database.pool.query(`INSERT INTO member (last_name, email) VALUES ('Tessier', 'luc@example.org')`)
  const copy = await coin('member', 'data', 'luc@example.org')
  expect(JSON.parse(copy.out)).toMatchObject({ format: 'coin-personal-data/1', member: { name: 'Tessier' } })
  expect((await coin('member', 'data', 'luc@example.org', '--output', path.join(root, 'package.json'))).error).toContain(
    'Give another name.',
  )
  expect((await coin('erasures', 'run', '--dry-run')).out).toContain('Nothing has reached its term.')
})

test('what starts refuses a database that lacks a migration, and names the command', async () => {
  expect((await coin('check')).code).toBe(0)
  const empty = await testDatabase({ empty: true })
  try {
    for (const command of ['serve', 'work', 'check']) {
      const refused = await coinWith({ DATABASE_URL: empty.url }, command)
      expect(refused.code).toBe(1)
      expect(refused.error).toContain('Run `coin migrate`.')
    }
    expect((await coinWith({ DATABASE_URL: empty.url }, 'member', 'list')).error).toContain('Run `coin migrate`.')
  } finally {
    await empty.close()
  }
})

test('an administrator is added, with a password that is shown once', async () => {
  const added = await coinWith({ COIN_ADMIN_PASSWORD: '' }, 'admin', 'create', '--email', 'staff@example.org', '--json')
  expect(added.code).toBe(0)
  expect(JSON.parse(added.out).password.length).toBeGreaterThan(10)
  expect((await coin('admin', 'create', '--email', 'staff@example.org')).code).toBe(1)
  expect((await coin('admin', 'create')).code).toBe(2)
})

test('what a removed app left is shown, then dropped', async () => {
  expect((await coin('app', 'purge', 'simple_dsl')).error).toContain('Remove it from coin.config.ts first.')
  expect((await coin('app', 'purge', 'never_there')).code).toBe(3)
  await database.pool.query(`CREATE TABLE public.gone_line (id bigint PRIMARY KEY); INSERT INTO public.gone_line VALUES (1), (2);
    INSERT INTO coin.migration (app, name, hash, made) VALUES ('gone', '0000_gone', '', '[{"kind": "table", "name": "public.gone_line"}]')`)
  const shown = await coin('app', 'purge', 'gone')
  expect(shown.out).toContain('public.gone_line: 2 rows (id)')
  expect((await database.pool.query(`SELECT to_regclass('public.gone_line') AS there`)).rows).toEqual([{ there: 'gone_line' }])
  expect((await coin('app', 'purge', 'gone', '--yes')).code).toBe(0)
  expect((await database.pool.query(`SELECT to_regclass('public.gone_line') AS there`)).rows).toEqual([{ there: null }])
  expect((await coin('app', 'purge', 'gone')).code).toBe(3)
})

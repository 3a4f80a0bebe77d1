import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const data = mkdtempSync(path.join(tmpdir(), 'coin-cli-plan-'))
let database: TestDatabase
let pool: string
beforeAll(async () => {
  database = await testDatabase()
  await coin('migrate')
  await coin('member', 'add', '--first-name', 'Zoé', '--last-name', 'Abgrall', '--email', 'zoe@example.org')
  const { rows } = await database.pool.query(
    `INSERT INTO ip_pool (name, family, default_prefix_length) VALUES ('Members', 4, 30) RETURNING id`,
  )
  pool = String(rows[0].id)
  await database.pool.query('INSERT INTO ip_pool_prefix (pool_id, prefix) VALUES ($1, $2)', [pool, '198.51.100.0/24'])
  await coin('offer', 'add', '--name', 'DSL', '--reference', 'dsl', '--configuration-type', 'simple_dsl', '--period-fee', '20')
  await coin('subscription', 'add', '--member', 'zabgrall', '--offer', 'dsl', '--reference', 'ZOE-1')
  await coin('simple_dsl', 'add', '--subscription', 'ZOE-1', '--phone-number', '0123456789')
})
afterAll(async () => {
  await database.close()
  rmSync(data, { recursive: true, force: true })
})

/** Runs the real command, in a process of its own. */
function coin(...args: string[]): Promise<{ code: number | null; out: string; error: string }> {
  const environment = { DATABASE_URL: database.url, COIN_DATA: data, COIN_CONFIG: path.join(root, 'coin.config.ts') }
  const child = spawn(process.execPath, [path.join(root, 'core/bin/coin.js'), ...args], {
    cwd: root,
    env: { ...process.env, ...environment, COIN_SECRET: 'only-good-for-tests-but-long-enough', LANG: 'C', LC_ALL: 'C' },
  })
  let [out, error] = ['', '']
  child.stdout.on('data', part => (out += part))
  child.stderr.on('data', part => (error += part))
  return new Promise(resolve => child.on('close', code => resolve({ code, out, error })))
}
const subnets = async () =>
  (await database.pool.query<{ prefix: string }>('SELECT prefix FROM ip_subnet ORDER BY prefix')).rows.map(({ prefix }) => prefix)

test('--plan says what a change would do and changes nothing; --if-plan does exactly that, or nothing', async () => {
  const add = ['subnet', 'add', '--configuration', 'ZOE-1', '--pool', pool]
  const before = await subnets()
  const words = await coin(...add, '--plan')
  expect(words).toMatchObject({ code: 0, error: '' })
  const prefix = /Added: (\S+) from Members; \d+ addresses will be left/.exec(words.out)?.[1] ?? ''
  expect(prefix).toContain('/30')
  const hash = /--if-plan (\S+)/.exec(words.out)?.[1] ?? ''
  expect(JSON.parse((await coin(...add, '--plan', '--json')).out)).toMatchObject({
    hash,
    addresses: expect.arrayContaining([expect.objectContaining({ prefix, kind: 'added' })]),
  })
  expect(await subnets()).toEqual(before)

  const applied = await coin(...add, '--if-plan', hash)
  expect(applied).toMatchObject({ code: 0, error: '' })
  expect(await subnets()).toContain(prefix)
  const again = await coin(...add, '--if-plan', hash)
  expect(again.code).toBe(4)
  expect(again.error).toContain('The world has moved since: what is stored was changed, other addresses are concerned')
  expect(await subnets()).toHaveLength(before.length + 1)
})

test('a removal and a change are planned too; what is not planned has no such option', async () => {
  const [prefix = ''] = await subnets()
  const removal = await coin('subnet', 'remove', prefix, '--plan')
  expect(removal.out).toMatch(new RegExp(`Released: ${prefix} (rests until|is free at once)`))
  const hash = /--if-plan (\S+)/.exec(removal.out)?.[1] ?? ''
  await database.pool.query(
    "UPDATE ip_subnet SET prefix = prefix, version = version, created_at = created_at + interval '1 second' WHERE prefix = $1",
    [prefix],
  )
  expect((await coin('subnet', 'remove', prefix, '--if-plan', hash)).code).toBe(4)
  expect(await subnets()).toContain(prefix)
  const suspension = ['suspension', 'add', '--subscription', 'ZOE-1', '--from', '2031-01-01', '--plan']
  expect((await coin(...suspension)).out).toContain('Nothing has changed yet.')
  expect((await coin('member', 'change', 'zabgrall', '--first-name', 'Zoë', '--plan')).code).toBe(2)
})

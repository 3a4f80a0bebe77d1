import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import simpleDsl, { simpleDsl as table } from '../apps/simple_dsl/index.ts'
import { createUser } from '../core/src/accounts/rules.ts'
import { systemActor } from '../core/src/app/access.ts'
import { addConfiguration, addPool, type TestCoin, testCoin, testPassword } from '../core/src/testing/index.ts'
import { type Project, project, repository } from './extension/project.ts'

/** A /27 in /32: thirty-two to give. */
const size = 32
let coin: TestCoin
let deployment: Project
let configuration: number
let pool: number

beforeAll(async () => {
  coin = await testCoin({ apps: [simpleDsl()] })
  pool = await addPool(coin, '198.51.100.0/27')
  configuration = await addConfiguration(coin, table, { phoneNumber: '0123456789' })
  await coin.transaction(systemActor('test'), tx =>
    createUser({ email: 'staff@example.org', name: 'Staff', role: 'staff', password: testPassword }, tx),
  )
  deployment = project(
    coin.url,
    { coin: path.join(repository, 'core') },
    {
      'coin.config.ts': `import { defineConfig } from 'coin'
import simpleDsl from '${path.join(repository, 'apps/simple_dsl/index.ts')}'
export default defineConfig({ apps: [simpleDsl()] })
`,
    },
  )
})
afterAll(() => coin.close())

test('the page, the command line and SQL fill a pool together to its last address, while others hold their transactions and free their blocks', async () => {
  const site = await deployment.serve()
  const cookie = await signIn(site)
  const byPage = async () => {
    const answer = await fetch(`${site}/admin/subnets/new`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Origin: site, Cookie: cookie },
      body: new URLSearchParams({ configurationId: String(configuration), poolId: String(pool) }),
    })
    if (answer.status !== 303)
      throw new Error(`the page answered ${answer.status}: ${(await answer.text()).match(/role="alert"[\s\S]*?<\/div>/)?.[0]}`)
  }
  const byCommand = () => deployment.coin('subnet', 'add', '--configuration', String(configuration), '--pool', String(pool), '--json')
  const bySql = () => coin.pool.query('INSERT INTO ip_subnet (configuration_id, pool_id) VALUES ($1, $2)', [configuration, pool])

  // the pool is cut once, so that whoever thinks about a block holds that block only
  await bySql()
  // somebody takes a block and thinks about it; two buddies are freed at the same moment
  const holder = new pg.Client({ connectionString: coin.url })
  holder.on('error', () => {})
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query('INSERT INTO ip_subnet (configuration_id, pool_id) VALUES ($1, $2)', [configuration, pool])
  const buddies = await coin.pool.query<{ id: number }>(
    `INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, '198.51.100.30/32'), ($1, '198.51.100.31/32') RETURNING id`,
    [configuration],
  )
  const frees = buddies.rows.map(({ id }) => coin.pool.query('DELETE FROM ip_subnet WHERE id = $1', [id]))

  await Promise.all([
    ...frees,
    ...Array.from({ length: 9 }, byPage),
    ...Array.from({ length: 4 }, byCommand),
    ...Array.from({ length: size - 2 - 9 - 4 }, bySql),
  ])
  await holder.query('COMMIT')
  await holder.end()

  const { rows } = await coin.pool.query<{ taken: number; distinct: number }>(
    'SELECT count(*)::int AS taken, count(DISTINCT prefix)::int AS distinct FROM ip_subnet WHERE pool_id = $1',
    [pool],
  )
  expect(rows[0]).toEqual({ taken: size, distinct: size })

  // full: each says so in words
  await expect(byPage()).rejects.toThrow(/no free \/32 left/)
  await expect(byCommand()).rejects.toThrow(/no free \/32 left/)
  await expect(bySql()).rejects.toThrow(/no free \/32 left/)
})

async function signIn(site: string): Promise<string> {
  const answer = await fetch(`${site}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: site },
    body: new URLSearchParams({ email: 'staff@example.org', password: testPassword }),
  })
  return answer.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
}

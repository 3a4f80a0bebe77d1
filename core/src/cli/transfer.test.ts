import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { defineConfig } from '../app/config.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { main } from './main.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'coin-files-'))
let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value)
  await addMember(coin, { firstName: 'Amina', lastName: 'Berthier' })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await coin.close()
  rmSync(folder, { recursive: true })
})

const environment = () => ({
  DATABASE_URL: coin.url,
  COIN_CONFIG: path.join(root, 'coin.config.ts'),
  COIN_SECRET: 'only-good-for-tests-but-long-enough',
  LANG: 'C',
  LC_ALL: 'C',
})

/** Runs the command here, which is quicker. */
async function run(...args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = []
  const hear = (part: string | Uint8Array) => said.push(String(part)) > 0
  const streams = [process.stdout, process.stderr].map(stream => vi.spyOn(stream, 'write').mockImplementation(hear))
  try {
    return { code: await main(defineConfig({ apps: [] }), args), said: said.join('') }
  } finally {
    for (const stream of streams) stream.mockRestore()
  }
}

/** Runs the real command, in a process of its own. */
const runProcess = (...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise(resolve => {
    const env = { ...process.env, ...environment() }
    execFile(process.execPath, [path.join(root, 'core/bin/coin.js'), ...args], { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr }),
    )
  })

test('members go out to a file and come back from it; nothing is written without --yes, nor while a row is wrong', async () => {
  const file = path.join(folder, 'members.json')
  expect(await runProcess('member', 'export', '--output', file, '--search', 'amina')).toMatchObject({
    code: 0,
    said: expect.stringContaining('1 rows are in'),
  })
  const [amina] = JSON.parse(readFileSync(file, 'utf8'))
  expect(amina).toMatchObject({ username: 'aberthier', lastName: 'Berthier' })
  writeFileSync(
    file,
    JSON.stringify([
      { ...amina, city: 'Lyon' },
      { lastName: 'New', email: 'nowhere' },
    ]),
  )
  const wrong = await runProcess('member', 'import', file, '--yes')
  expect(wrong).toMatchObject({
    code: 1,
    said: expect.stringMatching(/2 +E-mail address +nowhere +Give an e-mail address.*member +0 +1 +0 +1.*Nothing was imported/s),
  })
  expect(await run('member', 'import', file, '--good-rows')).toMatchObject({ said: expect.stringContaining('Add --yes to import 1 rows') })
  const unnamed = await run('import', file, '--good-rows', '--yes', '--json')
  expect(unnamed.code).toBe(1)
  expect(JSON.parse(unnamed.said)).toMatchObject({ applied: false })
  writeFileSync(file, JSON.stringify({ member: [{ ...amina, city: 'Lyon' }] }))
  expect(await run('import', file, '--yes')).toMatchObject({ code: 0, said: expect.stringContaining('1 rows are imported') })
  expect((await coin.pool.query('SELECT city FROM member')).rows).toEqual([{ city: 'Lyon' }])
  expect(await run('member', 'import', path.join(folder, 'none.csv'))).toMatchObject({ code: 3 })
})

test('all rows of a list are given a value, or removed', async () => {
  expect(await run('member', 'bulk-change', '--view', 'members', '--set', 'city=Paris')).toMatchObject({
    said: expect.stringContaining('1 rows would be changed'),
  })
  expect(await run('member', 'bulk-change', '--set', 'town=Paris')).toMatchObject({ code: 2 })
  await run('member', 'bulk-change', '--view', 'members', '--set', 'city=Paris', '--yes')
  expect((await coin.pool.query('SELECT city FROM member')).rows).toEqual([{ city: 'Paris' }])
  expect(await run('member', 'bulk-remove', '--search', 'amina', '--yes')).toMatchObject({
    said: expect.stringContaining('1 rows are removed'),
  })
})

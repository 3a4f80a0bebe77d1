import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { loadSecret, loadSecrets } from '../secret.ts'
import { ensureEmbedded, removeEmbedded, stopEmbedded } from './embedded.ts'

const folders: { home: string; data: string }[] = []
const asRoot = process.getuid?.() === 0

function dataFolder(mode: number, ...below: string[]): string {
  const home = mkdtempSync(path.join(tmpdir(), 'coin-test-'))
  chmodSync(home, mode)
  const data = path.join(home, ...below, 'var')
  folders.push({ home, data })
  return data
}

afterEach(async () => {
  for (const { home, data } of folders.splice(0)) {
    await removeEmbedded({ data })
    rmSync(home, { recursive: true, force: true })
  }
})

/** What `ensureEmbedded` and then `sql` give in a process of their own. */
async function inOwnProcess(data: string): Promise<string> {
  const source = `import { ensureEmbedded } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)}
    console.log((await ensureEmbedded({ data: process.argv[1] })).url)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source, data])
  return stdout.trim()
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  // a connection that its server's end takes along is told twice: to the query, and here
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows.map(row => Object.values(row)[0])
  } finally {
    await client.end()
  }
}

const postmaster = (data: string): number => Number.parseInt(readFileSync(path.join(data, 'postgres', 'postmaster.pid'), 'utf8'), 10)

test('processes that start at once on an empty folder share one server', async () => {
  const data = dataFolder(0o711)
  const urls = await Promise.all([inOwnProcess(data), inOwnProcess(data), inOwnProcess(data)])
  expect(new Set(urls).size).toBe(1)
  expect(await query(urls[0] ?? '', 'select current_database()')).toEqual(['coin'])
  expect((await ensureEmbedded({ data })).url).toBe(urls[0])
})

test('what was committed is there after kill -9 of the server', async () => {
  const data = dataFolder(0o711)
  const { url } = await ensureEmbedded({ data })
  await query(url, 'create table kept as select 42 as answer')
  process.kill(postmaster(data), 'SIGKILL')
  expect(await query((await ensureEmbedded({ data })).url, 'select answer from kept')).toEqual([42])
})

test('a server that is killed while a query runs is waited for, not started beside', async () => {
  const data = dataFolder(0o711)
  const { url } = await ensureEmbedded({ data })
  await query(url, 'create table kept as select 42 as answer')
  const busy = query(url, 'select count(*) from generate_series(1, 3000000)').catch(() => 'lost')
  process.kill(postmaster(data), 'SIGKILL')
  expect(await query((await ensureEmbedded({ data })).url, 'select answer from kept')).toEqual([42])
  await busy
})

test('a postmaster.pid that names another program does not stop a start', async () => {
  const data = dataFolder(0o711)
  await ensureEmbedded({ data })
  expect(await stopEmbedded({ data })).toBe(true)
  expect(await stopEmbedded({ data })).toBe(false)
  writeFileSync(path.join(data, 'postgres', 'postmaster.pid'), `${process.pid}\n${data}/postgres\n`)
  expect(await query((await ensureEmbedded({ data })).url, 'select 1')).toEqual([1])
})

test('a lock whose owner is gone is taken over', async () => {
  const data = dataFolder(0o711)
  mkdirSync(data)
  writeFileSync(path.join(data, 'postgres.lock'), '4194304 1')
  expect(await query((await ensureEmbedded({ data })).url, 'select 1')).toEqual([1])
})

test('a path that is too long for a socket works', async () => {
  const data = dataFolder(0o711, 'a folder with a name that is long, and then some', 'below another one, whose name is also long')
  const { url } = await ensureEmbedded({ data })
  expect(decodeURIComponent(url)).not.toContain('long')
  expect(await query(url, 'select 1')).toEqual([1])
  expect(await query(await inOwnProcess(data), 'select 1')).toEqual([1])
})

test('a folder closed to the user that runs the server works', async () => {
  const data = dataFolder(0o700)
  expect(await query((await ensureEmbedded({ data })).url, 'select 1')).toEqual([1])
  expect(realpathSync(path.join(data, 'postgres')).startsWith('/var/lib/coin/')).toBe(asRoot)
  await stopEmbedded({ data })
  expect(await query((await ensureEmbedded({ data })).url, 'select 1')).toEqual([1])
})

test('a database made by another PostgreSQL is refused', async () => {
  const data = dataFolder(0o711)
  await ensureEmbedded({ data })
  await stopEmbedded({ data })
  writeFileSync(path.join(data, 'postgres', 'PG_VERSION'), '12\n')
  await expect(ensureEmbedded({ data })).rejects.toThrow(/PostgreSQL 12/)
})

test('the secret is made once, for its owner only', () => {
  const data = dataFolder(0o711)
  const secret = loadSecret(data)
  expect(secret).toHaveLength(43)
  expect(loadSecret(data)).toBe(secret)
  expect(existsSync(path.join(data, 'secret'))).toBe(true)
  writeFileSync(path.join(data, 'secret'), `${'n'.repeat(40)}\n${secret}\n`)
  expect(loadSecrets(data)).toEqual(['n'.repeat(40), secret])
  writeFileSync(path.join(data, 'secret'), 'short')
  expect(() => loadSecret(data)).toThrow(/fewer than/)
})

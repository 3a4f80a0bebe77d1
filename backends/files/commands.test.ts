import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ioOf, line, reconcile, refusalOf, wantedOf } from './fixtures/reconcile.ts'
import { files } from './index.ts'
import { lock } from './lock.ts'
import { run } from './run.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coin-commands-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const at = (name: string) => path.join(folder, name)
const shell = (script: string, ...args: string[]) => ['/bin/sh', '-c', script, 'sh', ...args]
const attempt = (command: readonly string[], seconds = 5) => refusalOf(run(command, at('log'), seconds))

test('arguments reach the program as they are, through no shell', async () => {
  const odd = ['$(touch hacked)', '; touch hacked', '`touch hacked`', "it's", '*', 'two words', '']
  await run(shell(`printf '%s\\n' "$@" > "${at('said')}"`, ...odd), at('log'), 5)
  expect((await readFile(at('said'), 'utf8')).split('\n')).toEqual([...odd, ''])
  expect(existsSync(at('hacked'))).toBe(false)
})

test('what it said last is in the error, and how it ended', async () => {
  expect(await attempt(shell('for i in 1 2 3 4 5 6 7; do echo "line $i"; done >&2; exit 7'))).toMatch(
    /^refused: The command .* failed: exit code 7: line 3 \/ line 4 \/ line 5 \/ line 6 \/ line 7$/,
  )
  expect(await attempt(shell('kill -TERM $$'))).toMatch(/failed: ended by SIGTERM\.$/)
  expect(await attempt(['/no/such/program'])).toMatch(/failed: there is no such program\.$/)
  expect(await attempt([folder])).toMatch(/failed: spawn .* EACCES/)
  expect(existsSync(at('log'))).toBe(false)
})

test('one that takes too long is ended with what it started', async () => {
  expect(await attempt(shell(`sleep 300 & echo $! > "${at('pid')}"; wait`), 0.5)).toMatch(/failed: no end in 0.5 s/)
  const pid = Number(await readFile(at('pid'), 'utf8'))
  await expect.poll(() => isAlive(pid)).toBe(false)
})

test('what it leaves running is not waited for', async () => {
  await run(shell(`sleep 300 & echo $! > "${at('pid')}"`), at('log'), 20)
  const pid = Number(await readFile(at('pid'), 'utf8'))
  expect(isAlive(pid)).toBe(true)
  process.kill(pid, 'SIGKILL')
})

test('a command sees no secret of Coin in its environment', async () => {
  process.env.COIN_SECRET = 'do-not-tell'
  try {
    await run(shell(`env > "${at('env')}"`), at('log'), 5)
  } finally {
    delete process.env.COIN_SECRET
  }
  const said = await readFile(at('env'), 'utf8')
  expect(said).toMatch(/^PATH=/m)
  expect(said).not.toMatch(/do-not-tell|DATABASE_URL|SMTP_URL/)
})

test('of secret files no error repeats a line or a password, and other users do not read them', async () => {
  const script = `cat "${folder}"/*.conf >&2; echo "wrong password: hunter2secret" >&2; test ! -e "${at('1.conf')}"`
  await writeFile(at('reload'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const backend = files(line, {
    name: 'secrets',
    folder,
    fileName: each => `${each.id}.conf`,
    render: each => each.comment,
    secret: true,
    reload: [at('reload')],
  })
  expect(backend.spec.secrets).toEqual(['content'])
  const target = await backend.spec.open(ioOf())
  const failures = await reconcile(target, wantedOf(backend, { 1: 'user ada\npassword="hunter2secret"\n' }))
  expect(JSON.stringify(failures)).toMatch(/wrong •••: •••/)
  expect(JSON.stringify(failures)).not.toMatch(/hunter2secret/)
  const good = files(line, { name: 'good', folder, fileName: each => `${each.id}.conf`, render: each => each.comment, secret: true })
  await reconcile(await good.spec.open(ioOf()), wantedOf(good, { 1: 'password\n' }))
  expect((await stat(at('1.conf'))).mode & 0o777).toBe(0o640)
})

test('the lock has one holder at a time, and those who wait may give up', async () => {
  const never = new AbortController().signal
  const release = await lock(at('lock'), never)
  expect(await refusalOf(lock(at('lock'), AbortSignal.timeout(100)))).toMatch(/^unavailable: Another process of Coin is still at work/)
  expect(await refusalOf(lock(at('lock'), AbortSignal.abort()))).toMatch(/still at work/)
  let had = false
  const waiting = lock(at('lock'), never).then(free => {
    had = true
    return free
  })
  await new Promise(setImmediate)
  expect(had).toBe(false)
  await release()
  await (await waiting)()
})

test('without flock it says what to install', async () => {
  const before = process.env.PATH
  process.env.PATH = folder
  try {
    expect(await refusalOf(lock(at('lock'), new AbortController().signal))).toMatch(
      /cannot be taken\. The program flock \(package util-linux\)/,
    )
  } finally {
    process.env.PATH = before
  }
})

test('batches that are asked for at once follow one another', async () => {
  await writeFile(at('reload'), `#!/bin/sh\nmkdir "${at('busy')}" || exit 1\nsleep 0.1\nrmdir "${at('busy')}"\n`, { mode: 0o755 })
  const backend = files(line, {
    name: 'many',
    folder,
    fileName: each => `${each.id}.conf`,
    render: each => each.comment,
    reload: [at('reload')],
  })
  const target = await backend.spec.open(ioOf())
  const wanted = wantedOf(backend, { 1: 'one', 2: 'two', 3: 'three', 4: 'four' })
  expect(await Promise.all(wanted.map(each => reconcile(target, [each])))).toEqual([{}, {}, {}, {}])
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // one that has ended and that nobody has asked about is still in the table
    return existsSync(`/proc/${pid}/exe`) || !existsSync('/proc/self')
  } catch {
    return false
  }
}

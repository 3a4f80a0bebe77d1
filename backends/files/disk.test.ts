import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AnyBackend } from 'coin'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ioOf, line, reconcile, said, wantedOf } from './fixtures/reconcile.ts'
import { files } from './index.ts'

// A file system of its own, of 64 kB: needs to be root, as does giving files away.

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coin-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0755', 'coin-disk', folder])
})
afterEach(async () => {
  execFileSync('umount', [folder])
  await rm(folder, { recursive: true, force: true })
})

const at = (name: string) => path.join(folder, name)
const declare = (more = {}): AnyBackend =>
  files(line, { name: 'routes', folder, fileName: each => `line-${each.id}.conf`, render: each => each.comment, ...more })

test('on a full disk nothing is half-written: each key says what to do, and goes through once there is space', async () => {
  const backend = declare()
  const target = await backend.spec.open(ioOf())
  await reconcile(target, wantedOf(backend, { 1: 'old\n' }))
  await writeFile(at('.ballast'), Buffer.alloc(32 * 1024))

  const wanted = wantedOf(backend, { 1: 'n'.repeat(40 * 1024), 2: 'two\n' })
  const words = (name: string) => `${at(name)} cannot be written: no space is left on the disk. Free some space.`
  expect(await reconcile(target, wanted)).toEqual({
    [at('line-1.conf')]: words('line-1.conf'),
    [at('line-2.conf')]: words('line-2.conf'),
  })
  expect(await readFile(at('line-1.conf'), 'utf8')).toBe('old\n')
  expect((await readdir(folder)).sort()).toEqual(['.ballast', '.coin-routes', 'line-1.conf'])
  expect(await readdir(at('.coin-routes'))).toEqual(['lock'])

  await rm(at('.ballast'))
  expect(await reconcile(target, wanted)).toEqual({})
})

test('a read-only file system can be read, and says that it cannot be written', async () => {
  const backend = declare()
  const target = await backend.spec.open(ioOf())
  await reconcile(target, wantedOf(backend, { 1: 'old\n' }))
  execFileSync('mount', ['-o', 'remount,ro', folder])
  expect(await (await declare().spec.open(ioOf())).read([at('line-1.conf')], ioOf())).toEqual(
    new Map([[at('line-1.conf'), { content: 'old\n', mode: '0644' }]]),
  )
  expect(Object.values(await reconcile(target, wantedOf(backend, { 1: 'new\n' })))).toEqual([
    `${at('line-1.conf')} cannot be written: the file system is read-only. Mount the file system so that it can be written to.`,
  ])
})

/** What happens when a user without rights writes one line, in words. */
async function asNobody(more = {}): Promise<string> {
  const script = fileURLToPath(new URL('./fixtures/apply.js', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify({ folder, lines: [[1, 'new\n']], ...more })], {
    stdio: ['ignore', 'pipe', 'pipe'],
    uid: 65534,
    gid: 65534,
  })
  let [out, problem] = ['', '']
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (problem += chunk))
  await once(child, 'close')
  const line = out.split('\n').find(each => each.startsWith('['))
  if (line === undefined) return problem
  const failures: readonly (readonly [string, unknown])[] = JSON.parse(line)
  return failures.map(([, error]) => said(error)).join('\n')
}

test('an unprivileged Coin writes where its group may, and keeps the previous file of somebody else', async () => {
  await chown(folder, 0, 65534)
  await chmod(folder, 0o2775)
  await writeFile(at('line-1.conf'), 'old\n')
  expect(await asNobody({ reload: ['/bin/false'] })).toMatch(/failed: exit code 1\./)
  expect(await readFile(at('line-1.conf'), 'utf8')).toBe('old\n')
  await rm(at('.coin-routes'), { recursive: true })
  expect(await asNobody()).toBe('')
  expect(await readFile(at('line-1.conf'), 'utf8')).toBe('new\n')
})

test('an unprivileged Coin says what it may not do, and what to do about it', async () => {
  expect(await asNobody()).toMatch(
    /\.coin-routes cannot be written: permission denied\. Let the user that Coin runs as read and write there\./,
  )
  await chown(folder, 65534, 65534)
  expect(await asNobody({ owner: 'root' })).toMatch(/^Coin may not give files to root\. Leave the owner out/)
  expect(await readdir(folder)).toEqual(['.coin-routes'])
  await rm(at('.coin-routes'), { recursive: true })
  await mkdir(at('.coin-routes'))
  expect(await asNobody()).toMatch(/is not a folder that only Coin can enter\. It has to belong to the user that Coin runs as/)
})

test('a user or a group that the machine does not know is said when it is opened', async () => {
  await expect(declare({ owner: 'nobody-of-that-name' }).spec.open(ioOf())).rejects.toMatchObject({
    message: 'This machine knows no user {{name}}.',
  })
  await expect(declare({ group: 'no-such-group' }).spec.open(ioOf())).rejects.toMatchObject({ code: 'unavailable' })
})

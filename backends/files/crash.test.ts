import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AnyBackend } from 'coin'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Program, startProgram } from './fixtures/program.ts'
import { ioOf, line, reconcile, wantedOf } from './fixtures/reconcile.ts'
import { files } from './index.ts'

let program: Program
let children: ChildProcess[] = []
beforeEach(async () => {
  program = await startProgram()
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  await program.close()
})

const declare = (): AnyBackend =>
  files(line, {
    name: 'routes',
    folder: program.folder,
    fileName: each => `line-${each.id}.conf`,
    render: each => each.comment,
    reload: program.reload,
  })

const until = (look: () => unknown) => expect.poll(look, { timeout: 30_000, interval: 20 }).toBe(true)
const at = (name: string) => path.join(program.folder, name)
const numbered = (count: number, text: (id: number) => string) =>
  Array.from({ length: count }, (_, index) => [index + 1, text(index + 1)] as const)

/** Applies lines in another process; a line of `null` is removed. */
function applyElsewhere(lines: readonly (readonly [number, string | null])[], more = {}): ChildProcess {
  const given = JSON.stringify({
    folder: program.folder,
    reload: program.reload,
    ...more,
    lines: lines.map(([id, text]) => [id, text ?? undefined]),
  })
  const child = spawn(process.execPath, [fileURLToPath(new URL('./fixtures/apply.js', import.meta.url)), given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Opens, reads and writes as the engine does, until nothing differs; then everything has to agree, and nothing may be left over. */
async function settlesTo(lines: Readonly<Record<number, string>>): Promise<void> {
  const backend = declare()
  const target = await backend.spec.open(ioOf())
  const wanted = wantedOf(backend, lines)
  expect(await reconcile(target, wanted)).toEqual({})
  const known = new Set(wanted.map(({ key }) => key))
  const all = (await Array.fromAsync(target.list?.(ioOf()) ?? [])).flatMap(batch => [...batch.keys()])
  const orphans = all.filter(key => !known.has(key))
  if (orphans.length > 0) expect(await target.destroy(orphans, ioOf())).toEqual(new Map())
  expect((await readdir(program.folder)).sort()).toEqual(['.coin-routes', ...Object.keys(lines).map(id => `line-${id}.conf`)].sort())
  expect(await readdir(at('.coin-routes'))).toEqual(['lock'])
  // what the program has read is what is there now
  const texts = readdirSync(program.folder)
    .filter(name => name.endsWith('.conf'))
    .sort()
    .map(name => readFileSync(at(name), 'utf8'))
  expect(await program.loaded()).toBe(texts.join(''))
}

test('killed before anything is in place: what was prepared goes, what was there stays', async () => {
  await settlesTo({ 1: 'route old\n' })
  const gate = path.join(program.root, 'gate')
  const check = ['/bin/sh', '-c', `: > "${gate}"; while [ -e "${gate}" ]; do sleep 0.02; done`, 'check', '{file}']
  const child = applyElsewhere(
    [
      [1, 'route new\n'],
      [2, 'route two\n'],
    ],
    { check },
  )
  await until(() => existsSync(gate))
  expect(await readdir(at('.coin-routes'))).toContain('1.new')
  await kill(child)
  expect(readFileSync(at('line-1.conf'), 'utf8')).toBe('route old\n')
  await settlesTo({ 1: 'route newer\n' })
})

test('killed between two files: the rest follows, and the program is told', async () => {
  const count = 300
  const old = Object.fromEntries(numbered(count, id => `route ${id} old\n`))
  const lines = numbered(count, id => `route ${id} new\n`)
  await settlesTo(old)
  let caught = 0
  for (let attempt = 0; attempt < 20 && caught === 0; attempt++) {
    const child = applyElsewhere(lines)
    await once(child.stdout ?? child, 'data')
    // no pause: the window is a few milliseconds
    while (!existsSync(at('.coin-routes/journal')) && child.exitCode === null) await new Promise(setImmediate)
    await kill(child)
    const fresh = readdirSync(at('.coin-routes')).filter(name => name.endsWith('.new')).length
    caught = existsSync(at('.coin-routes/journal')) && fresh > 0 && fresh < count ? fresh : 0
    const target = await declare().spec.open(ioOf())
    if (caught) {
      expect(await readdir(at('.coin-routes'))).toEqual(['lock'])
      const found = await target.read(
        wantedOf(declare(), old).map(({ key }) => key),
        ioOf(),
      )
      expect([...found.values()].filter(each => JSON.stringify(each).includes('new'))).toHaveLength(count)
      expect((await program.loaded()).match(/new/g)).toHaveLength(count)
    } else await settlesTo(old)
  }
  expect(caught).toBeGreaterThan(0)
  await settlesTo(Object.fromEntries(lines))
}, 120_000)

test('killed while the program is told: it is told again, even though every file is as it should be', async () => {
  await program.block()
  const child = applyElsewhere([[1, 'route 1\n']])
  await until(() => program.isBlocked())
  await kill(child)
  expect(readFileSync(at('line-1.conf'), 'utf8')).toBe('route 1\n')
  await program.unblock()
  await until(async () => (await program.loaded()) !== '')
  const runs = await program.runs()
  const io = ioOf()
  await declare().spec.open(io)
  expect(io.lines).toEqual([expect.stringMatching(/a batch was interrupted, it is finished now/)])
  expect(await program.runs()).toBe(runs + 1)
  await settlesTo({ 1: 'route 1\n' })
})

test('a target that was open all along finishes it with its next call', async () => {
  const backend = declare()
  const target = await backend.spec.open(ioOf())
  await program.block()
  const child = applyElsewhere([[1, 'route 1\n']])
  await until(() => program.isBlocked())
  await kill(child)
  await program.unblock()
  await target.read([], ioOf())
  expect(await program.runs()).toBe(2)
})

test('killed while it tells, of files that the program refuses: they are taken back', async () => {
  await settlesTo({ 1: 'route 1\n', 2: 'route 2\n' })
  await program.block()
  const child = applyElsewhere([
    [1, 'nonsense\n'],
    [3, 'route 3\n'],
  ])
  await until(() => program.isBlocked())
  await kill(child)
  await program.unblock()
  const target = await declare().spec.open(ioOf())
  expect((await target.read([at('line-1.conf')], ioOf())).get(at('line-1.conf'))).toMatchObject({ content: 'route 1\n' })
  await settlesTo({ 1: 'route 1\n', 2: 'route 2\n' })
})

test('killed while it takes a batch back: goes on taking it back', async () => {
  await settlesTo({ 1: 'route 1\n' })
  // refuses the new file, then blocks when it is told of the old one
  const refuse = path.join(program.root, 'refuse')
  await writeFile(refuse, `#!/bin/sh\ngrep -q nonsense "${at('line-1.conf')}" && exit 1\nexec "${program.reload[0]}"\n`, { mode: 0o755 })
  await program.block()
  const child = applyElsewhere(
    [
      [1, 'nonsense\n'],
      [2, 'route 2\n'],
    ],
    { reload: [refuse] },
  )
  await until(() => program.isBlocked())
  await kill(child)
  expect(await readdir(at('.coin-routes'))).toContain('back')
  await program.unblock()
  await declare().spec.open(ioOf())
  expect((await readdir(program.folder)).sort()).toEqual(['.coin-routes', 'line-1.conf'])
  await settlesTo({ 1: 'route 1\n' })
})

test('killed while it removes: the removal is told', async () => {
  await settlesTo({ 1: 'route 1\n', 2: 'route 2\n' })
  await program.block()
  const child = applyElsewhere([[2, null]])
  await until(() => program.isBlocked())
  await kill(child)
  await program.unblock()
  await declare().spec.open(ioOf())
  expect(await program.loaded()).toBe('route 1\n')
  await settlesTo({ 1: 'route 1\n' })
})

test('killed at any time, it ends right', async () => {
  const count = 80
  for (let round = 0; round < 8; round++) {
    const lines = numbered(count, id => `route ${id} round ${round}\n`)
    const child = applyElsewhere(lines)
    await once(child.stdout ?? child, 'data')
    const end = performance.now() + round * 8
    while (performance.now() < end) await new Promise(setImmediate)
    await kill(child)
    await settlesTo(Object.fromEntries(lines))
  }
}, 120_000)

test('a process that is at work is waited for, not taken for dead', async () => {
  await program.block()
  const child = applyElsewhere([[1, 'route 1\n']])
  const exit = once(child, 'exit')
  await until(() => program.isBlocked())
  const opening = declare().spec.open(ioOf())
  const stopped = AbortSignal.timeout(200)
  await expect(declare().spec.open(ioOf(stopped))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/still at work/),
  })
  expect(await program.runs()).toBe(1)
  await program.unblock()
  await exit
  await opening
  expect(await program.runs()).toBe(1)
})

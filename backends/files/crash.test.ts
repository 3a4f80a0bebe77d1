import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
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

/** Whether it killed itself, and did not come to its end. */
async function diesAfter(child: ChildProcess): Promise<boolean> {
  const [code, signal] = await once(child, 'exit')
  expect([code, signal]).toBeOneOf([
    [0, null],
    [null, 'SIGKILL'],
  ])
  return signal === 'SIGKILL'
}

/** The files, by their number. */
async function textsThere(): Promise<Record<string, string>> {
  const names = (await readdir(program.folder)).filter(name => name.endsWith('.conf')).sort()
  return Object.fromEntries(names.map(name => [/\d+/.exec(name)?.[0] ?? '', readFileSync(at(name), 'utf8')]))
}

/** Opens, reads and writes as the engine does, until nothing differs; then everything has to agree. */
async function becomes(lines: Readonly<Record<number, string>>): Promise<void> {
  const backend = declare()
  const target = await backend.spec.open(ioOf())
  const wanted = wantedOf(backend, lines)
  expect(await reconcile(target, wanted)).toEqual({})
  const known = new Set(wanted.map(({ key }) => key))
  const all = (await Array.fromAsync(target.list?.(ioOf()) ?? [])).flatMap(batch => [...batch.keys()])
  const orphans = all.filter(key => !known.has(key))
  if (orphans.length > 0) expect(await target.destroy(orphans, ioOf())).toEqual(new Map())
  expect(await textsThere()).toEqual(lines)
  // what the program has read is what is there now
  expect(await program.loaded()).toBe(Object.values(lines).join(''))
}

/** The same, and nothing may be left over. */
async function settlesTo(lines: Readonly<Record<number, string>>): Promise<void> {
  await becomes(lines)
  expect((await readdir(program.folder)).sort()).toEqual(['.coin-routes', ...Object.keys(lines).map(id => `line-${id}.conf`)].sort())
  expect(await readdir(at('.coin-routes'))).toEqual(['lock'])
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

test.each([1, 2, 3, 4])('killed between two files, after %i of 5: the rest follows, and the program is told', async placed => {
  const count = 5
  const old = Object.fromEntries(numbered(count, id => `route ${id} old\n`))
  const lines = numbered(count, id => `route ${id} new\n`)
  await settlesTo(old)
  const runs = await program.runs()
  await diesAfter(applyElsewhere(lines, { dies: { after: placed, placing: true } }))
  expect(await readdir(at('.coin-routes'))).toContain('journal')
  expect(Object.values(await textsThere()).filter(text => text.includes('new'))).toHaveLength(placed)
  expect((await readdir(at('.coin-routes'))).filter(name => name.endsWith('.new'))).toHaveLength(count - placed)
  expect(await program.runs()).toBe(runs)

  const target = await declare().spec.open(ioOf())
  expect(await readdir(at('.coin-routes'))).toEqual(['lock'])
  const found = await target.read(
    wantedOf(declare(), old).map(({ key }) => key),
    ioOf(),
  )
  expect([...found.values()].filter(each => JSON.stringify(each).includes('new'))).toHaveLength(count)
  expect((await program.loaded()).match(/new/g)).toHaveLength(count)
  expect(await program.runs()).toBe(runs + 1)
  await settlesTo(Object.fromEntries(lines))
})

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

test.each([
  {
    when: 'it writes',
    lines: [[1, 'route 1 new\n'] as const, [2, 'route 2\n'] as const],
    ends: { 1: 'route 1 new\n', 2: 'route 2\n' },
  },
  { when: 'it removes', lines: [[1, null] as const], ends: {} },
  {
    when: 'it takes back what the program refuses',
    // the second goes back first: then it would take what is left
    lines: [[1, 'route 1 new\n'] as const, [2, 'nonsense\n'] as const],
    ends: undefined,
  },
])(
  'killed after any step when $when: all of it or nothing, and it ends right',
  async ({ lines, ends }) => {
    let [before, behind] = [0, 0]
    for (let after = 1; ; after++) {
      if (after > 60) throw new Error('It still goes on after 60 steps')
      const old = { 1: `route 1 old ${after}\n` }
      // what was left over goes with this batch
      await settlesTo(old)
      if (!(await diesAfter(applyElsewhere(lines, { dies: { after } })))) break
      await declare().spec.open(ioOf())
      const there = await textsThere()
      expect([old, ends ?? old], `after ${after} steps`).toContainEqual(there)
      expect(await program.loaded(), `after ${after} steps`).toBe(Object.values(there).join(''))
      if (there[1] === old[1]) before++
      else behind++
      await becomes(ends ?? old)
    }
    expect(before).toBeGreaterThan(0)
    if (ends) expect(behind).toBeGreaterThan(0)
  },
  120_000,
)

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

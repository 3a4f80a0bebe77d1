import { chmod, chown, link, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AnyBackend, Json, Target } from 'coin'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FilePerConfiguration } from './declaration.ts'
import { type Program, startProgram } from './fixtures/program.ts'
import { ioOf, line, reconcile, refusalOf, said, wantedOf, wordsOf } from './fixtures/reconcile.ts'
import { files } from './index.ts'

type Line = Parameters<FilePerConfiguration<{ readonly id: number; readonly comment: string }>['render']>[0]

let program: Program
beforeEach(async () => {
  program = await startProgram()
})
afterEach(() => program.close())

const declare = (more: Partial<FilePerConfiguration<Line>> = {}): AnyBackend =>
  files(line, {
    name: 'routes',
    folder: program.folder,
    fileName: each => `line-${each.id}.conf`,
    render: each => each.comment,
    reload: program.reload,
    ...more,
  } as FilePerConfiguration<Line>)

const open = (backend: AnyBackend): Promise<Target<Json>> => backend.spec.open(ioOf())
const at = (name: string) => path.join(program.folder, name)
const text = (name: string) => readFile(at(name), 'utf8')

test('writes each file with its mode, reads back what was desired, and reloads once per batch', async () => {
  const backend = declare({ mode: '0640' })
  const target = await open(backend)
  const wanted = wantedOf(backend, Object.fromEntries(Array.from({ length: 40 }, (_, id) => [id + 1, `route ${id} é\n`])))
  expect(
    await target.read(
      wanted.map(({ key }) => key),
      ioOf(),
    ),
  ).toEqual(new Map())
  expect(await reconcile(target, wanted)).toEqual({})

  const found = await target.read(
    wanted.map(({ key }) => key),
    ioOf(),
  )
  expect(found).toEqual(new Map(wanted.map(({ key, desired }) => [key, desired])))
  expect((await stat(at('line-7.conf'))).mode & 0o7777).toBe(0o640)
  expect(await program.runs()).toBe(1)
  expect((await program.loaded()).split('\n')).toHaveLength(41)

  expect(
    wordsOf(
      await target.apply(
        wanted.map(each => ({ ...each, observed: undefined })),
        ioOf(),
      ),
    ),
  ).toEqual({})
  expect(await program.runs()).toBe(1)
})

test('leaves nothing behind but a hidden folder that only Coin enters', async () => {
  const backend = declare()
  const target = await open(backend)
  expect(await readdir(program.folder)).toEqual([])
  await reconcile(target, wantedOf(backend, { 1: 'route 1\n' }))
  expect((await readdir(program.folder)).sort()).toEqual(['.coin-routes', 'line-1.conf'])
  expect(await readdir(at('.coin-routes'))).toEqual(['lock'])
  expect((await stat(at('.coin-routes'))).mode & 0o777).toBe(0o700)
})

test('removing is a change that is told; removing what is not there is none', async () => {
  const backend = declare()
  const target = await open(backend)
  const wanted = wantedOf(backend, { 1: 'route 1\n', 2: 'route 2\n' })
  await reconcile(target, wanted)
  for (const _ of ['once', 'twice']) expect(wordsOf(await target.destroy([wanted[0]?.key ?? ''], ioOf()))).toEqual({})
  expect(await program.loaded()).toBe('route 2\n')
  expect(await program.runs()).toBe(2)
})

test('sees and heals what somebody changed: text, mode, owner, group', async () => {
  const backend = declare({ mode: '600', owner: 'root', group: 0 })
  const target = await open(backend)
  const wanted = wantedOf(backend, { 1: 'route 1\n', 2: 'route 2\n', 3: 'route 3\n' })
  await reconcile(target, wanted)
  await writeFile(at('line-1.conf'), 'route 9\n')
  await chmod(at('line-2.conf'), 0o666)
  await chown(at('line-3.conf'), 65534, 12345)
  const found = await target.read(
    wanted.map(({ key }) => key),
    ioOf(),
  )
  expect([...found.values()]).toEqual([
    { content: 'route 9\n', mode: '0600', owner: 'root', group: '0' },
    { content: 'route 2\n', mode: '0666', owner: 'root', group: '0' },
    { content: 'route 3\n', mode: '0600', owner: 'nobody', group: '12345' },
  ])
  expect(await reconcile(target, wanted)).toEqual({})
  expect([
    ...(
      await target.read(
        wanted.map(({ key }) => key),
        ioOf(),
      )
    ).values(),
  ]).toEqual(wanted.map(({ desired }) => desired))
})

test('an owner that is not declared stays as it is', async () => {
  const backend = declare()
  const target = await open(backend)
  await writeFile(at('line-1.conf'), 'route 0\n')
  await chown(at('line-1.conf'), 65534, 12345)
  await reconcile(target, wantedOf(backend, { 1: 'route 1\n' }))
  expect(await stat(at('line-1.conf'))).toMatchObject({ uid: 65534, gid: 12345 })
})

test('when the reload fails the previous files come back, the program is as before, and each changed key says why', async () => {
  const backend = declare()
  const target = await open(backend)
  await reconcile(target, wantedOf(backend, { 1: 'route 1\n', 2: 'route 2\n', 3: 'route 3\n' }))
  await chmod(at('line-1.conf'), 0o604)
  await link(at('line-2.conf'), path.join(program.root, 'same'))

  const wanted = wantedOf(backend, { 1: 'route 1 new\n', 2: 'nonsense\n', 3: 'route 3\n', 4: 'route 4\n' })
  const failures = wordsOf(
    await target.apply(
      wanted.map(each => ({ ...each, observed: undefined })),
      ioOf(),
    ),
  )
  expect(Object.keys(failures).sort()).toEqual([at('line-1.conf'), at('line-2.conf'), at('line-4.conf')])
  expect(new Set(Object.values(failures))).toEqual(
    new Set([
      `The command ${program.reload} failed: exit code 1: reading the files / routes/line-2.conf:1:nonsense: syntax error The previous files are back in place.`,
    ]),
  )
  expect((await readdir(program.folder)).sort()).toEqual(['.coin-routes', 'line-1.conf', 'line-2.conf', 'line-3.conf'])
  expect([await text('line-1.conf'), await text('line-2.conf')]).toEqual(['route 1\n', 'route 2\n'])
  expect((await stat(at('line-1.conf'))).mode & 0o777).toBe(0o604)
  expect((await stat(at('line-2.conf'))).ino).toBe((await stat(path.join(program.root, 'same'))).ino)
  expect(await readdir(at('.coin-routes'))).toEqual(['lock'])
  expect(await program.runs()).toBe(3)
  expect(await program.loaded()).toBe('route 1\nroute 2\nroute 3\n')
})

test('a removed file comes back when the reload fails', async () => {
  const backend = declare()
  const target = await open(backend)
  await reconcile(target, wantedOf(backend, { 1: 'route 1\n' }))
  await program.break()
  expect(Object.keys(wordsOf(await target.destroy([at('line-1.conf')], ioOf())))).toEqual([at('line-1.conf')])
  expect(await text('line-1.conf')).toBe('route 1\n')
})

test('while not even the previous files can be reloaded nothing is known; once they can, all goes on', async () => {
  const backend = declare()
  const target = await open(backend)
  const wanted = wantedOf(backend, { 1: 'route 1\n' })
  await program.break()
  expect(Object.values(await reconcile(target, wanted))[0]).toMatch(
    /exit code 3: the program is broken With the previous files it failed as well, and is tried again: .*exit code 3/,
  )
  expect(await refusalOf(target.read([], ioOf()))).toMatch(/^unavailable: The command .* failed: exit code 3: the program is broken/)
  expect(await refusalOf(open(backend))).toMatch(/^unavailable/)
  await program.repair()
  const before = await program.runs()
  expect(await target.read([at('line-1.conf')], ioOf())).toEqual(new Map())
  expect(await program.runs()).toBe(before + 1)
  expect(await reconcile(target, wanted)).toEqual({})
  expect(await program.loaded()).toBe('route 1\n')
})

test.each(['../line-1.conf', 'sub/line.conf', '.hidden', '-rf', '', 'two\nlines', 'blank name', '..', 'nul\0', 'é', 'x'.repeat(256)])(
  'refuses the file name %j, writes nothing anywhere, and has nothing to remove',
  async name => {
    const backend = declare({ fileName: () => name })
    const target = await open(backend)
    await mkdir(at('sub'))
    const [wanted] = wantedOf(backend, { 1: 'route 1\n' })
    const key = wanted?.key ?? ''
    expect(await target.read([key], ioOf())).toEqual(new Map())
    expect((await reconcile(target, wanted ? [wanted] : []))[key]).toMatch(/is not a path of a file in/)
    expect(wordsOf(await target.destroy([key], ioOf()))).toEqual({})
    expect([...(await readdir(program.root)), ...(await readdir(program.folder)), ...(await readdir(at('sub')))].sort()).toEqual([
      'reload',
      'routes',
      'sub',
    ])
  },
)

test('a whole path may be given, and has to be in the folder', async () => {
  const { fileName: _, ...rest } = { fileName: undefined, render: (each: Line) => each.comment }
  const backend = files(line, { name: 'paths', folder: program.folder, ...rest, path: each => (each.id === 1 ? at('one') : '/etc/two') })
  const target = await open(backend)
  const failures = await reconcile(target, wantedOf(backend, { 1: 'one', 2: 'two' }))
  expect(Object.keys(failures)).toEqual(['/etc/two'])
  expect(await text('one')).toBe('one')
})

test('follows no link: neither to read, nor to write, nor for its own folder', async () => {
  const backend = declare()
  const outside = path.join(program.root, 'outside')
  await writeFile(outside, 'mine\n')
  await symlink(outside, at('line-1.conf'))
  const target = await open(backend)
  const [wanted] = wantedOf(backend, { 1: 'route 1\n' })
  const found = (await target.read([at('line-1.conf')], ioOf())).get(at('line-1.conf'))
  expect(said(found)).toMatch(/line-1.conf is not an ordinary file. Move it away/)
  for (const failures of [
    await target.apply([{ ...wanted, key: at('line-1.conf'), desired: wanted?.desired ?? '', observed: undefined }], ioOf()),
    await target.destroy([at('line-1.conf')], ioOf()),
  ])
    expect(Object.values(wordsOf(failures))[0]).toMatch(/is not an ordinary file/)
  expect([await readFile(outside, 'utf8'), (await lstat(at('line-1.conf'))).isSymbolicLink()]).toEqual(['mine\n', true])

  await rm(at('line-1.conf'))
  await rm(at('.coin-routes'), { recursive: true, force: true })
  await mkdir(path.join(program.root, 'elsewhere'))
  await symlink(path.join(program.root, 'elsewhere'), at('.coin-routes'))
  expect(Object.values(await reconcile(target, wanted ? [wanted] : []))[0]).toMatch(
    /\.coin-routes is not a folder that only Coin can enter/,
  )
  expect(await readdir(path.join(program.root, 'elsewhere'))).toEqual([])
})

test('a folder that is not there, or is none, is no empty folder', async () => {
  const backend = declare()
  const target = await open(backend)
  await rename(program.folder, `${program.folder}-away`)
  const words = `unavailable: ${program.folder} cannot be read: it is not there. Make the folder, and let Coin write in it.`
  expect(await refusalOf(target.read([at('line-1.conf')], ioOf()))).toBe(words)
  expect(await refusalOf(Array.fromAsync(target.list?.(ioOf()) ?? []))).toBe(words)
  expect(
    await refusalOf(
      target.apply(
        wantedOf(backend, { 1: 'x' }).map(each => ({ ...each, observed: undefined })),
        ioOf(),
      ),
    ),
  ).toBe(words)
  expect(await refusalOf(target.destroy([at('line-1.conf')], ioOf()))).toBe(words)
  expect(await refusalOf(open(backend))).toBe(words)
  await writeFile(program.folder, '')
  expect(await refusalOf(open(backend))).toMatch(/it is not a folder/)
})

test('lists what is its own: ordinary files that match, in batches, and nothing hidden', async () => {
  const backend = declare({ ours: /^line-\d+\.conf$/ })
  const target = await open(backend)
  await reconcile(target, wantedOf(backend, { 1: 'route 1\n' }))
  for (let id = 1000; id < 1600; id++) await writeFile(at(`line-${id}.conf`), 'route x\n')
  await writeFile(at('local.conf'), 'route local\n')
  await mkdir(at('line-2.conf'))
  const batches = await Array.fromAsync(target.list?.(ioOf()) ?? [])
  expect(batches.map(batch => batch.size)).toEqual([500, 101])
  const all = new Map(batches.flatMap(batch => [...batch]))
  expect(all.get(at('line-1.conf'))).toEqual({ content: 'route 1\n', mode: '0644' })
  expect(all.has(at('local.conf'))).toBe(false)
})

test('writes no name that a sweep would not recognise', async () => {
  const backend = declare({ ours: /^other/ })
  expect(Object.values(await reconcile(await open(backend), wantedOf(backend, { 1: 'route 1\n' })))[0]).toMatch(
    /not among the names that the backend calls its own/,
  )
})

test('what its check refuses is never in place, and fails alone', async () => {
  const check = ['/bin/sh', '-c', 'if grep -q bad "$1"; then echo "no good" >&2; exit 4; fi', 'check', '{file}']
  const backend = declare({ check })
  const failures = await reconcile(await open(backend), wantedOf(backend, { 1: 'route 1\n', 2: 'bad\n', 3: 'route 3\n' }))
  expect(Object.entries(failures)).toEqual([[at('line-2.conf'), expect.stringMatching(/failed: exit code 4: no good/)]])
  expect([await program.loaded(), await program.runs()]).toEqual(['route 1\nroute 3\n', 1])
})

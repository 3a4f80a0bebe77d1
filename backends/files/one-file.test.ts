import { chmod, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AnyBackend, Json, Target } from 'coin'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Program, startProgram } from './fixtures/program.ts'
import { ioOf, line, reconcile, refusalOf, wantedOf, wordsOf } from './fixtures/reconcile.ts'
import { files } from './index.ts'

let program: Program
let file: string
beforeEach(async () => {
  program = await startProgram()
  file = path.join(program.folder, 'coin.conf')
})
afterEach(() => program.close())

const declare = (more = {}): AnyBackend =>
  files(line, { name: 'routes', file, render: each => each.comment, reload: program.reload, ...more })
const open = (backend: AnyBackend): Promise<Target<Json>> => backend.spec.open(ioOf())
const text = () => readFile(file, 'utf8')
const begin = '# >>> coin routes: written by Coin, changes in here are lost\n'
const end = begin.replace('>>>', '<<<')

test('each configuration is a block, in the order of their numbers; one reload per batch', async () => {
  const backend = declare()
  const target = await open(backend)
  const wanted = wantedOf(backend, { 10: 'route ten', 9: 'route nine\nroute nine again\n', 2: '' })
  expect(await target.read(['2', '9', '10'], ioOf())).toEqual(new Map())
  expect(await reconcile(target, [...wanted].reverse())).toEqual({})
  expect(await text()).toBe(
    `${begin}# >>> 2\n# <<< 2\n# >>> 9\nroute nine\nroute nine again\n# <<< 9\n# >>> 10\nroute ten\n# <<< 10\n${end}`,
  )
  expect(await target.read(['2', '9', '10'], ioOf())).toEqual(new Map(wanted.map(({ key, desired }) => [key, desired])))
  expect(await reconcile(target, wanted)).toEqual({})
  expect(await program.runs()).toBe(1)
  expect(await Array.fromAsync(target.list?.(ioOf()) ?? [])).toEqual([new Map(wanted.map(({ key, desired }) => [key, desired]))])

  for (const _ of ['once', 'twice']) expect(await target.destroy(['9'], ioOf())).toEqual(new Map())
  expect(await text()).toBe(`${begin}# >>> 2\n# <<< 2\n# >>> 10\nroute ten\n# <<< 10\n${end}`)
  expect(await program.runs()).toBe(2)
  expect((await readdir(program.folder)).sort()).toEqual(['.coin-routes', 'coin.conf'])
})

test('what stands outside belongs to somebody else and stays, byte by byte', async () => {
  const above = Buffer.from('# Caf\xe9, in Latin-1\r\nroute theirs\nroute without end', 'latin1')
  await writeFile(file, above)
  const backend = declare()
  const target = await open(backend)
  await reconcile(target, wantedOf(backend, { 1: 'route é\n' }))
  const below = Buffer.from('\n\troute \xff below', 'latin1')
  await writeFile(file, Buffer.concat([await readFile(file), below]))
  await reconcile(target, wantedOf(backend, { 1: 'route ö\n', 2: 'route two\n' }))
  await target.destroy(['1'], ioOf())
  const ours = `\n${begin}# >>> 2\nroute two\n# <<< 2\n${end}`
  expect((await readFile(file)).equals(Buffer.concat([above, Buffer.from(ours), below]))).toBe(true)
})

test('header and footer stand around the blocks; what is changed there, or between blocks, is seen and healed', async () => {
  const backend = declare({ header: '# head', footer: '# foot\n', comment: ['/*', '*/'], reload: undefined })
  const target = await open(backend)
  const wanted = wantedOf(backend, { 1: 'one', 2: 'two' })
  await reconcile(target, wanted)
  const right = await text()
  expect(right.split('\n').slice(1, -2)).toEqual([
    '# head',
    '/* >>> 1 */',
    'one',
    '/* <<< 1 */',
    '/* >>> 2 */',
    'two',
    '/* <<< 2 */',
    '# foot',
  ])
  for (const wrong of [right.replace('# head', '# neck'), right.replace('# foot\n', ''), right.replace('/* >>> 2', 'stray\n/* >>> 2')]) {
    await writeFile(file, wrong)
    expect((await target.read(['1'], ioOf())).get('1')).not.toEqual(wanted[0]?.desired)
    expect(await reconcile(target, wanted.slice(0, 1))).toEqual({})
    expect(await text()).toBe(right)
  }
})

test('the mode of the file concerns every block', async () => {
  const backend = declare({ mode: '0640' })
  const target = await open(backend)
  const wanted = wantedOf(backend, { 1: 'route 1\n', 2: 'route 2\n' })
  await reconcile(target, wanted)
  await chmod(file, 0o666)
  expect([...(await target.read(['1', '2'], ioOf())).values()].map(each => (each as { mode: string }).mode)).toEqual(['0666', '0666'])
  await reconcile(target, wanted)
  expect((await stat(file)).mode & 0o777).toBe(0o640)
  expect(await program.runs()).toBe(2)
})

test('when the reload fails the previous file comes back, and the keys that changed say why', async () => {
  const backend = declare()
  const target = await open(backend)
  await reconcile(target, wantedOf(backend, { 1: 'route 1\n', 2: 'route 2\n' }))
  const before = await text()
  const wanted = wantedOf(backend, { 1: 'route 1\n', 2: 'nonsense\n', 3: 'route 3\n' })
  const failures = wordsOf(
    await target.apply(
      wanted.map(each => ({ ...each, observed: undefined })),
      ioOf(),
    ),
  )
  expect(Object.keys(failures)).toEqual(['2', '3'])
  expect(failures[2]).toMatch(/nonsense: syntax error The previous files are back in place\.$/)
  expect(await text()).toBe(before)
  expect(await program.loaded()).toBe('route 1\nroute 2\n')
})

test.each([
  'route 1\n# <<< 1\nroute of another\n# >>> 1\n',
  '  # >>> 7\n',
  'x\r\n# <<< coin routes: written by Coin, changes in here are lost',
])('a text that would break out of its block is refused: %j', async bad => {
  const backend = declare()
  const target = await open(backend)
  const failures = await reconcile(target, wantedOf(backend, { 1: bad, 2: 'route 2\n' }))
  expect(Object.entries(failures)).toEqual([['1', expect.stringMatching(/has a line that looks like those between which Coin writes/)]])
  expect(await program.loaded()).toBe('route 2\n')
})

test.each(['', ' x', 'x\ny', 'x '])('a key that is not one line is refused: %j', async key => {
  const backend = declare({ key: () => key })
  expect((await reconcile(await open(backend), wantedOf(backend, { 1: 'route 1\n' })))[key]).toMatch(/cannot name a block/)
})

test.each([
  ['an end is missing', (good: string) => good.replace('# <<< 1\n', '')],
  ['a block is there twice', (good: string) => good.replace('# >>> 2\n', '# >>> 1\n').replace('# <<< 2\n', '# <<< 1\n')],
  ['ends cross', (good: string) => good.replace('# <<< 1\n', '# <<< 2\n')],
  ['the last line is missing', (good: string) => good.replace(end, '')],
  ['the first line is missing', (good: string) => good.replace(begin, '')],
  ['everything is there twice', (good: string) => good + good],
])('lines that somebody damaged are said, and the file is left alone: %s', async (_, damage) => {
  const backend = declare()
  const target = await open(backend)
  await reconcile(target, wantedOf(backend, { 1: 'route 1\n', 2: 'route 2\n' }))
  const damaged = damage(await text())
  await writeFile(file, damaged)
  expect(await refusalOf(target.read(['1'], ioOf()))).toMatch(
    /^refused: .*coin\.conf, line \d+: the lines between which Coin writes are not/,
  )
  expect(await refusalOf(Array.fromAsync(target.list?.(ioOf()) ?? []))).toMatch(/^refused/)
  expect(Object.keys(wordsOf(await target.destroy(['1', '2'], ioOf())))).toEqual(['1', '2'])
  expect(await text()).toBe(damaged)
})

test('the file itself is no link, and its folder is there', async () => {
  const backend = declare()
  await symlink('/etc/hostname', file)
  expect(await refusalOf((await open(backend)).read(['1'], ioOf()))).toMatch(/is not an ordinary file/)
  await rm(program.folder, { recursive: true })
  expect(await refusalOf(open(backend))).toMatch(/^unavailable: .* it is not there\. Make the folder/)
})

test('a suspended line is told when the declaration says so', () => {
  expect(declare({ whenSuspended: 'told', label: 'Routes' })).toMatchObject({
    label: 'Routes',
    spec: { whenSuspended: 'told', serial: true },
  })
})

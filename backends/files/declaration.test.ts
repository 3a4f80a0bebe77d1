import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asBytes, type Markers, putTogether, takeApart } from './blocks.ts'
import { line, refusalOf } from './fixtures/reconcile.ts'
import { absolutePath, fileSettings, files } from './index.ts'
import { byKey, isFileName } from './names.ts'

const render = () => ''
const fileName = () => 'x'

test.each([
  ['a name with a slash', { name: '../x', file: '/etc/x' }, /its name takes letters/],
  ['a relative folder', { folder: 'etc', fileName }, /folder is not an absolute path/],
  ['a folder that climbs', { folder: '/etc/../x', fileName }, /folder is not an absolute path/],
  ['a folder with a slash at its end', { folder: '/etc/', fileName }, /folder is not an absolute path/],
  ['the root', { file: '/' }, /file is not an absolute path/],
  ['no name for files', { folder: '/etc/x' }, /give fileName or path/],
  ['two names for files', { folder: '/etc/x', fileName, path: fileName }, /give fileName or path/],
  ['a mode that is no mode', { file: '/etc/x', mode: 'rw' }, /mode is not octal/],
  ['an empty command', { file: '/etc/x', reload: [] }, /a command is a list/],
  ['a check without the file', { file: '/etc/x', check: ['true'] }, /check nowhere says \{file\}/],
  ['a pattern that remembers', { folder: '/etc/x', fileName, ours: /x/g }, /without the flags/],
  ['a header that ends the block', { file: '/etc/x', header: 'x\n# <<< 1' }, /header or footer has a line/],
])('a declaration with %s stops the boot', async (_, wrong, words) => {
  const declare = async () => files(line, { name: 'x', render, ...wrong } as Parameters<typeof files>[1])
  expect(await refusalOf(declare())).toMatch(/^boot: The backend/)
  expect(await refusalOf(declare())).toMatch(words)
})

test('settings are checked, and are what a declaration takes', () => {
  const given = fileSettings.parse({
    owner: 'bird',
    group: 0,
    mode: '0640',
    reload: ['birdc', 'configure'],
    check: ['bird', '-p', '-c', '{file}'],
  })
  expect(files('every', { name: 'x', file: '/etc/x', render, ...given }).types).toBe('every')
  for (const wrong of [{ mode: '999' }, { reload: [] }, { reload: 'birdc configure' }, { check: ['true'] }, { timeout: 0 }, { other: 1 }])
    expect(fileSettings.safeParse(wrong).success).toBe(false)
  expect(['/etc/x', '/', 'x', '/a/../b', '/a//b', '/a/'].map(each => absolutePath.safeParse(each).success)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ])
})

test('file names', () => {
  const good = ['line-1.conf', 'ada', 'A_b.c', '198.51.100.0-24', 'ada@example.org', '2001:db8::1']
  expect(good.map(isFileName)).toEqual(good.map(() => true))
})

test('numbers go by number', () => {
  expect(['b', '10', '9', 'a10', 'a9', '010', ''].sort(byKey)).toEqual(['9', '010', '10', '', 'a10', 'a9', 'b'])
})

test('whatever stands outside, and whatever is in the blocks, comes back from a file as it went in', () => {
  const markers: Markers = { name: 'x', comment: '#' }
  const texts = fc
    .array(fc.string({ unit: 'binary' }).map(each => each.replace(/[\n#]/g, '.')))
    .map(lines => lines.map(each => `${each}\n`).join(''))
  const keys = fc.stringMatching(/^[\p{L}\d][\p{L}\d .-]{0,8}[\p{L}\d]$/u)
  const bytes = fc.uint8Array().map(each => Buffer.from(each).toString('latin1'))
  fc.assert(
    fc.property(bytes, bytes, texts, texts, fc.dictionary(keys, texts, { minKeys: 1 }), (before, after, header, footer, blocks) => {
      const known = new Map(Object.entries(blocks))
      const start = takeApart(before, markers, 'x')
      const whole = putTogether({ ...start, blocks: known, after }, header, footer, markers)
      const parts = takeApart(whole, markers, 'x')
      expect(parts).toEqual({ before: start.before, header, blocks: known, footer, after, framed: true })
      expect(start.before.startsWith(before)).toBe(true)
      expect(asBytes('é')).toHaveLength(2)
    }),
  )
})

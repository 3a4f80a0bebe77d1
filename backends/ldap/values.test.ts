import { expect, test } from 'vitest'
import { differencesOf, toValues } from './values.ts'

test('values are text, each once, in one order; nothing is no value', () => {
  expect(toValues(['b', 'a', 'b', 2, true])).toEqual(['2', 'TRUE', 'a', 'b'])
  for (const nothing of [null, undefined, []]) expect(toValues(nothing)).toEqual([])
  expect(toValues(false)).toEqual(['FALSE'])
  expect(toValues(0)).toEqual(['0'])
  expect(toValues('')).toEqual([''])
})

const rules = new Map([
  ['objectClass', { atLeast: true, ignoreCase: true }],
  ['mail', { ignoreCase: true }],
  ['cn', {}],
])
const wanted = { objectClass: ['account'], mail: ['A@b.c'], cn: ['x', 'y'] }

test('sets of values are compared, and only those that are looked after', () => {
  const there = { objectClass: ['Account', 'top'], mail: ['a@B.c'], cn: ['y', 'x'], other: ['z'] }
  expect(differencesOf(rules, wanted, there)).toEqual([])
  expect(differencesOf(rules, wanted, { ...there, cn: ['x', 'y', 'z'], mail: [] })).toEqual([
    { path: 'mail', from: undefined, to: ['A@b.c'] },
    { path: 'cn', from: ['x', 'y', 'z'], to: ['x', 'y'] },
  ])
  expect(differencesOf(rules, { ...wanted, cn: [] }, there)).toEqual([{ path: 'cn', from: ['y', 'x'], to: undefined }])
})

test('where nothing is, everything differs', () => {
  expect(differencesOf(rules, wanted, undefined).map(({ path }) => path)).toEqual(['objectClass', 'mail', 'cn'])
})

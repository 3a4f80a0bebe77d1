import { expect, test } from 'vitest'
import type { Difference } from '../app/backend.ts'
import { planLines } from './plan-lines.ts'

const said = (differences: readonly Difference[], moves = false) =>
  planLines(differences, moves).map(({ kind, text }) => ({ same: ' ', added: '+', removed: '-' })[kind] + text)

test('single values, lists and what is inside them, name by name', () => {
  expect(said([{ path: 'enabled', from: true, to: false }])).toEqual(['-enabled: true', '+enabled: false'])
  expect(said([{ path: '1', from: undefined, to: '198.51.100.8/29' }])).toEqual(['+198.51.100.8/29'])
  expect(said([{ path: '', from: undefined, to: { uid: 'a', route: ['x', 'y'], empty: [], nested: { n: 1 } } }])).toEqual([
    '+uid: a',
    '+route: x',
    '+route: y',
    '+empty: []',
    '+nested.n: 1',
  ])
})

test('what has only moved within its list does not differ, unless nothing else does', () => {
  const shifted: Difference[] = [
    { path: 'route.0', from: 'b', to: 'a' },
    { path: 'route.1', from: undefined, to: 'b' },
  ]
  expect(said(shifted)).toEqual(['+route: a'])
  const swapped: Difference[] = [
    { path: 'route.0', from: 'b', to: 'a' },
    { path: 'route.1', from: 'a', to: 'b' },
  ]
  expect(said(swapped)).toEqual(['-route: b', '-route: a', '+route: a', '+route: b'])
  expect(said(swapped, true)).toEqual([])
})

test('a secret that differs is shown as differing, though both look the same', () => {
  expect(said([{ path: 'password', from: '•••', to: '•••' }])).toEqual(['-password: •••', '+password: •••'])
})

test('a text is compared line by line, with a few lines around', () => {
  const text = (last: string) => `${Array.from({ length: 9 }, (_, n) => `line ${n}`).join('\n')}\n${last}\n`
  expect(said([{ path: 'content', from: text('old'), to: text('new') }])).toEqual([
    ' content:',
    ' …',
    ' line 6',
    ' line 7',
    ' line 8',
    '-old',
    '+new',
  ])
  expect(said([{ path: '', from: { content: 'a\nb\n', mode: '0644' }, to: undefined }])).toEqual([' content:', '-a', '-b', '-mode: 0644'])
})

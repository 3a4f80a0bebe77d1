import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffLines } from './diff.tsx'

test('equal lines are kept once', () => {
  expect(diffLines('a\nb\nc', 'a\nx\nc')).toEqual([
    { kind: 'same', text: 'a' },
    { kind: 'removed', text: 'b' },
    { kind: 'added', text: 'x' },
    { kind: 'same', text: 'c' },
  ])
  expect(diffLines('', 'a')).toEqual([{ kind: 'added', text: 'a' }])
})

test('both texts can be read back from it', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }).map(lines => lines.join('\n'))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after)
      const without = (kind: string) =>
        lines
          .filter(line => line.kind !== kind)
          .map(line => line.text)
          .join('\n')
      expect([without('added'), without('removed')]).toEqual([before, after])
    }),
  )
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cellOf,
  comparePrefixes,
  contains,
  fillStep,
  panelOf,
  panelsOf,
  partOf,
  pieceOf,
  readPrefix,
  rectangleOf,
  sizeOf,
  writePrefix,
} from './space.ts'

const p = readPrefix

describe('prefixes', () => {
  test('are read and written canonically', () => {
    expect(writePrefix(p('198.18.41.75/29'))).toBe('198.18.41.72/29')
    expect(writePrefix(p('2001:DB8:4012:A00::/56'))).toBe('2001:db8:4012:a00::/56')
    expect(writePrefix(p('::/0'))).toBe('::/0')
    expect(() => p('198.18.0.0/33')).toThrow('Not a prefix')
    expect(() => p('hello')).toThrow()
  })
  test('survive a round trip, whatever they are', () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 6), fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.nat(128), (family, bits, at) => {
        const width = family === 4 ? 32 : 128
        const length = at % (width + 1)
        const low = BigInt(width - length)
        const prefix = { family, base: ((bits % 2n ** BigInt(width)) >> low) << low, length } as const
        expect(p(writePrefix(prefix))).toEqual(prefix)
      }),
    )
  })
  test('are ordered by number, not by text', () => {
    const sorted = ['198.18.100.0/24', '198.18.20.0/24', '2001:db8::/32', '198.18.20.0/22'].map(p).sort(comparePrefixes).map(writePrefix)
    expect(sorted).toEqual(['198.18.20.0/22', '198.18.20.0/24', '198.18.100.0/24', '2001:db8::/32'])
  })
  test('contain what lies in them', () => {
    expect(contains(p('198.18.40.0/22'), p('198.18.43.255'))).toBe(true)
    expect(contains(p('198.18.40.0/22'), p('198.18.44.0'))).toBe(false)
    expect(contains(p('0.0.0.0/0'), p('::1'))).toBe(false)
    expect(sizeOf(p('2001:db8::/32'))).toBe(2n ** 96n)
  })
})

describe('panels', () => {
  const names = (pool: string, open?: string) =>
    panelsOf(p(pool), open === undefined ? undefined : p(open)).map(panel => `${writePrefix(panel.prefix)} in /${panel.cellLength}`)
  test('a pool of up to 1,024 addresses is shown whole', () => {
    expect(names('198.18.40.0/22')).toEqual([40, 41, 42, 43].map(third => `198.18.${third}.0/24 in /32`))
    expect(names('198.18.40.0/26')).toEqual(['198.18.40.0/26 in /32'])
  })
  test('a larger one is opened one level at a time', () => {
    expect(names('2001:db8:4000::/40')).toEqual(['2001:db8:4000::/40 in /48'])
    expect(names('2001:db8:4000::/40', '2001:db8:4012::/48')).toEqual(['2001:db8:4000::/40 in /48', '2001:db8:4012::/48 in /56'])
    expect(names('10.0.0.0/8', '10.1.2.0/24')).toEqual(['10.1.0.0/16 in /24', '10.1.2.0/24 in /32'])
    expect(names('10.0.0.0/8', '192.0.2.0/24')).toEqual(['10.0.0.0/8 in /16'])
  })
  test('every prefix is a rectangle that no other covers', () => {
    const panel = panelOf(p('198.18.40.0/24'))
    fc.assert(
      fc.property(fc.integer({ min: 24, max: 32 }), fc.nat(255), (length, at) => {
        const block = partOf(panel.prefix, length, at % 2 ** (length - 24))
        const piece = pieceOf(panel, block)
        expect(piece).toBeDefined()
        const { x, y, width, height } = rectangleOf(piece ?? { start: -1, cells: 0 })
        expect(width * height).toBe(Number(sizeOf(block)))
        expect(x + width).toBeLessThanOrEqual(32)
        expect(y + height).toBeLessThanOrEqual(8)
        expect(y * 32 + x).toBe(cellOf(panel, block))
      }),
    )
  })
  test('what is smaller than a cell has no rectangle, what is larger than the panel fills it', () => {
    const panel = panelOf(p('2001:db8:4000::/40'))
    expect(pieceOf(panel, p('2001:db8:4012:a00::/56'))).toBeUndefined()
    expect(cellOf(panel, p('2001:db8:4012:a00::/56'))).toBe(0x12)
    expect(pieceOf(panel, p('2001:db8::/32'))).toEqual({ start: 0, cells: 256 })
  })
})

test('fill is shown in five steps', () => {
  expect([0n, 1n, 9n, 10n, 29n, 30n, 127n, 128n, 256n].map(taken => fillStep(taken, 256n))).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4])
  expect(fillStep(1n, 2n ** 80n)).toBe(1)
})

import { expect, test } from 'vitest'
import { exhaustionOf } from './dashboard-forecast.ts'

const line = (from: number, pace: number, months = 13) => Array.from({ length: months }, (_, month) => from + pace * month)

test('a straight line says the month, and is sure of it', () => {
  // 10 a month, 120 taken now, 60 left
  expect(exhaustionOf(line(0, 10), 180)).toEqual({ kind: 'near', months: 6, earliest: 6, latest: 6, sure: true })
})

test('what goes up and down is unsure, and says between what and what', () => {
  const found = exhaustionOf([100, 140, 105, 150, 110, 160, 120, 165, 125, 170], 250)
  if (found.kind !== 'near') throw new Error(found.kind)
  expect(found.sure).toBe(false)
  expect(found.earliest).toBeLessThan(found.months)
  expect(found.latest ?? Number.POSITIVE_INFINITY).toBeGreaterThan(found.months)
})

test('ups and downs that may as well be nothing have no latest month', () => {
  const found = exhaustionOf([50, 95, 40, 100, 55, 105, 60], 100)
  expect(found).toMatchObject({ kind: 'near', sure: false, latest: null })
})

test('what grows slowly is full later than anybody should plan for', () => {
  expect(exhaustionOf(line(0, 1), 1000)).toEqual({ kind: 'far', sure: true })
  expect(exhaustionOf([100, 104, 98, 105, 99, 104, 103], 140)).toMatchObject({ kind: 'far', sure: false })
})

test('what shrinks or stands still is never full', () => {
  expect(exhaustionOf(line(200, -5), 300)).toEqual({ kind: 'never' })
  expect(exhaustionOf(line(80, 0), 300)).toEqual({ kind: 'never' })
  expect(exhaustionOf(line(0, 0), 300)).toEqual({ kind: 'never' })
})

test('two months tell nothing, and a pool without space left is full whatever they tell', () => {
  expect(exhaustionOf([1, 2], 10)).toEqual({ kind: 'unknown' })
  expect(exhaustionOf([], 10)).toEqual({ kind: 'unknown' })
  expect(exhaustionOf([10], 10)).toEqual({ kind: 'full' })
  expect(exhaustionOf(line(0, 10), 120)).toEqual({ kind: 'full' })
})

test('sixteen million networks are no more than a number', () => {
  const found = exhaustionOf(line(0, 1e6), 2 ** 24)
  expect(found).toMatchObject({ kind: 'near', sure: true })
  if (found.kind === 'near') expect(Math.round(found.months)).toBe(5)
})

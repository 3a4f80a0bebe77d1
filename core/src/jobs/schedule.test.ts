import { expect, test } from 'vitest'
import { isDue } from './schedule.ts'

const paris = 'Europe/Paris'
const at = (text: string) => new Date(text)

test('a schedule is read on the clock of the time zone', () => {
  // 04:00 in Paris is 03:00 UTC in winter and 02:00 in summer
  expect(isDue('0 4 * * *', paris, at('2026-01-10T02:59Z'), at('2026-01-10T03:00Z'))).toBe(true)
  expect(isDue('0 4 * * *', paris, at('2026-07-10T02:59Z'), at('2026-07-10T03:00Z'))).toBe(false)
  expect(isDue('0 4 * * *', paris, at('2026-07-10T01:59Z'), at('2026-07-10T02:00Z'))).toBe(true)
  // the 1st of the month begins at 22:00 UTC
  expect(isDue('0 0 1 * *', paris, at('2026-06-30T21:59Z'), at('2026-06-30T22:00Z'))).toBe(true)
})

test('a minute is looked at once', () => {
  expect(isDue('0 4 * * *', paris, at('2026-01-10T03:00Z'), at('2026-01-10T03:01Z'))).toBe(false)
  expect(isDue('* * * * *', paris, at('2026-01-10T03:00Z'), at('2026-01-10T03:00Z'))).toBe(false)
  expect(isDue('* * * * *', paris, at('2026-01-10T03:00Z'), at('2026-01-10T03:01Z'))).toBe(true)
})

test('what was missed while nothing ran is due', () => {
  expect(isDue('0 4 * * 1', paris, at('2026-01-02T12:00Z'), at('2026-01-10T12:00Z'))).toBe(true)
  expect(isDue('0 4 * * 1', paris, at('2026-01-06T12:00Z'), at('2026-01-10T12:00Z'))).toBe(false)
})

test('a time that summer time skips is due when the clock has jumped, and that day only once', () => {
  // on 29 March 2026 the clock goes from 02:00 to 03:00, at 01:00 UTC
  expect(isDue('30 2 * * *', paris, at('2026-03-29T00:59Z'), at('2026-03-29T01:00Z'))).toBe(true)
  expect(isDue('30 2 * * *', paris, at('2026-03-29T01:00Z'), at('2026-03-29T23:00Z'))).toBe(false)
})

test('a time that comes twice is due once, unless every hour is named', () => {
  // on 25 October 2026 the clock goes from 03:00 back to 02:00, at 01:00 UTC
  expect(isDue('30 2 * * *', paris, at('2026-10-25T00:29Z'), at('2026-10-25T00:30Z'))).toBe(true)
  expect(isDue('30 2 * * *', paris, at('2026-10-25T01:29Z'), at('2026-10-25T01:30Z'))).toBe(false)
  expect(isDue('30 * * * *', paris, at('2026-10-25T01:29Z'), at('2026-10-25T01:30Z'))).toBe(true)
})

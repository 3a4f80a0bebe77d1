import { expect, test } from 'vitest'
import type { FieldKind } from '../app/resource.ts'
import { hasControls, parseValue } from './parse-value.ts'

const value = (kind: FieldKind, text: string) => {
  const parsed = parseValue(kind, text)
  return parsed.ok
    ? parsed.value
    : `refused: ${parsed.message.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(parsed.values?.[name]))}`
}

test.each([
  ['date', '2026-11-30', '2026-11-30'],
  ['date', '30/11/2026', '2026-11-30'],
  ['money', '12,5', '12.50'],
  ['money', '1 126,40 €', '1126.40'],
  ['decimal', '0,740', '0.740'],
  ['decimal', '-007.5', '-7.5'],
  ['integer', '1 024', 1024],
  ['integer', '-0', 0],
  ['boolean', 'Oui', true],
  ['boolean', 'off', false],
  ['address', '2001:DB8:0:0::1', '2001:db8::1'],
  ['prefix', '2001:DB8::/32', '2001:db8::/32'],
  ['prefix', '192.0.2.0/24', '192.0.2.0/24'],
  ['email', 'a@b.example', 'a@b.example'],
  ['textarea', 'a\r\nb\rc', 'a\nb\nc'],
] as const)('%s: %s', (kind, text, expected) => expect(value(kind, text)).toBe(expected))

test.each([
  ['date', '31/02/2026', 'February has 28 days.'],
  ['money', '1.234', 'Give an amount such as'],
  ['money', 'NaN', 'Give an amount such as'],
  ['decimal', '1e5', 'Give a number such as'],
  ['integer', '12.0', 'Give a whole number such as 12.'],
  ['integer', '9007199254740993', 'Give a number up to'],
  ['boolean', 'perhaps', 'Give yes or no.'],
  ['address', '192.0.2.1/24', 'Give an address such as'],
  ['address', '1', 'Give an address such as'],
  ['address', '010.0.0.1', 'Give an address such as'],
  ['address', 'fe80::1%eth0', 'Give an address such as'],
  ['prefix', '192.0.2.1/24', '192.0.2.1/24 has host bits set; the network is 192.0.2.0/24.'],
  ['prefix', '2001:db8::1/64', '2001:db8::1/64 has host bits set; the network is 2001:db8::/64.'],
  ['prefix', '192.0.2.0/33', 'Give a prefix such as'],
  ['prefix', '192.0.2.0', 'Give a prefix such as'],
  ['datetime', '2026-11-30 25:00', 'Give a date and time such as'],
  ['email', 'a b@c', 'Give an e-mail address such as'],
] as const)('%s: %s is refused', (kind, text, expected) => expect(value(kind, text)).toContain(`refused: ${expected}`))

test('a moment without an offset is the provider’s, and one that says its own is kept', () => {
  expect(value('datetime', '2026-11-30 18:00')).toBe('2026-11-30T18:00:00Z')
  expect(value('datetime', '2026-11-30T18:00+02:00')).toBe('2026-11-30T16:00:00Z')
})

test('characters that no field takes', () => {
  for (const text of ['a\u0000b', 'a\u001bb', 'a\u0085b', 'a\ud800b']) expect(hasControls(text, true)).toBe(true)
  expect(hasControls('a\nb\tc', true)).toBe(false)
  expect(hasControls('a\nb', false)).toBe(true)
  expect(hasControls('日本 👍', false)).toBe(false)
})

import { expect, test } from 'vitest'
import { isCoinError } from '../errors.ts'
import { inScope } from '../ui/scope-for-tests.ts'
import { createSealer, isSealOutdated, seal, unseal } from './sealed.ts'

const [first, second] = ['a first secret of forty characters, it is', 'another secret of forty characters, it is'] as const
const sealer = createSealer([first])
const text = '-----BEGIN PRIVATE KEY-----\nétoile ☆\n'

test('what is sealed is read again, holds nothing of the text, and differs each time', () => {
  const [one, two] = [sealer.seal(text, 'a.key'), sealer.seal(text, 'a.key')]
  expect(sealer.unseal(one, 'a.key')).toBe(text)
  expect(sealer.unseal(sealer.seal('', 'a.key'), 'a.key')).toBe('')
  expect(one).not.toBe(two)
  expect(one).toMatch(/^coin1\.[0-9a-f]{16}\.[\w-]{16}\.[\w-]+$/)
  expect(Buffer.from(one.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('PRIVATE')
})

test('a changed bit anywhere, another purpose, a cut or a foreign text is refused', () => {
  const sealed = sealer.seal(text, 'a.key')
  const [format, id, nonce = '', body = ''] = sealed.split('.')
  const flipped = (part: string, at: number) => {
    const bytes = Buffer.from(part, 'base64url')
    bytes.writeUInt8((bytes.at(at) ?? 0) ^ 1, at < 0 ? bytes.length + at : at)
    return bytes.toString('base64url')
  }
  const wrong = [
    ...[0, 5, -1, -16, -17].map(at => [format, id, nonce, flipped(body, at)].join('.')),
    [format, id, flipped(nonce, 0), body].join('.'),
    [format, id, nonce, body.slice(0, 20)].join('.'),
    [format, id, nonce, ''].join('.'),
    [format, id, '', body].join('.'),
    ['coin2', id, nonce, body].join('.'),
    `${sealed}.more`,
    text,
    '',
  ]
  for (const each of wrong) expect(() => sealer.unseal(each, 'a.key'), each).toThrow('cannot be read')
  expect(() => sealer.unseal(sealed, 'another.key')).toThrow('cannot be read')
})

test('a new secret reads what the earlier one sealed, says so, and seals anew; a wrong one reads nothing', () => {
  const old = sealer.seal(text, 'a.key')
  const rotated = createSealer([second, first])
  expect(rotated.unseal(old, 'a.key')).toBe(text)
  expect([rotated.isOutdated(old), sealer.isOutdated(old)]).toEqual([true, false])
  const renewed = rotated.seal(rotated.unseal(old, 'a.key'), 'a.key')
  expect(rotated.isOutdated(renewed)).toBe(false)
  expect(createSealer([second]).unseal(renewed, 'a.key')).toBe(text)
  const refused = (() => {
    try {
      return createSealer([second]).unseal(old, 'a.key')
    } catch (error) {
      return error
    }
  })()
  expect(isCoinError(refused) && refused.hint).toContain('COIN_SECRET')
  expect(JSON.stringify(refused)).not.toContain(first)
})

test('apps seal in the scope that runs them, and are told when it has no secrets', () => {
  const sealed = inScope({ sealer }, () => seal(text, 'a.key'))
  expect(inScope({ sealer }, () => [unseal(sealed, 'a.key'), isSealOutdated(sealed)])).toEqual([text, false])
  expect(() => inScope({}, () => seal(text, 'a.key'))).toThrow('has no secrets')
})

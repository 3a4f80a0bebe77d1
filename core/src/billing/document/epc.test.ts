import { expect, test } from 'vitest'
import { epcPayload } from './epc.ts'

const transfer = {
  name: 'Réseau des Collines',
  iban: 'FR76 3000 6000 0112 3456 7890 189',
  bic: 'AGRIFRPP',
  amount: '44.9',
  currency: 'EUR',
  reference: 'COL-0182',
}

test('says a transfer as EPC069-12 has it, line by line', () => {
  expect(epcPayload(transfer)?.split('\n')).toEqual([
    'BCD',
    '002',
    '1',
    'SCT',
    'AGRIFRPP',
    'Réseau des Collines',
    'FR7630006000011234567890189',
    'EUR44.90',
    '',
    '',
    'COL-0182',
  ])
})

test('keeps within what the standard allows: lines without line ends, cut between characters, no trailing separators lost', () => {
  const lines = epcPayload({ ...transfer, bic: undefined, name: `é\n${'😀'.repeat(80)}`, reference: 'x'.repeat(200) })?.split('\n')
  expect(lines).toHaveLength(11)
  expect([...(lines?.[5] ?? '')]).toHaveLength(70)
  expect(lines?.[5]).toMatch(/^é 😀+$/u)
  expect(lines?.[4]).toBe('')
  expect(lines?.[10]).toHaveLength(140)
})

test('there is none in another currency, nor for an amount that no transfer can have', () => {
  expect(epcPayload({ ...transfer, currency: 'CHF' })).toBeUndefined()
  for (const amount of ['0', '0.004', '-5.00', '1000000000.00']) expect(epcPayload({ ...transfer, amount })).toBeUndefined()
  expect(epcPayload({ ...transfer, amount: '999999999.99' })).toContain('EUR999999999.99')
})

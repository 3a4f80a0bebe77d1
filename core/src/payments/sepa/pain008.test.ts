import { expect, test } from 'vitest'
import { isCreditorId } from '../../app/creditor-id.ts'
import { decimal } from '../../billing/money.ts'
import { type DebitFile, type DebitLine, pain008 } from './pain008.ts'
import { checkPain008 } from './pain008-rules.fixture.ts'
import { sepaText } from './sepa-text.ts'
import { isTargetDay, targetDayFrom } from './target-day.ts'

const line = (n: number, given: Partial<DebitLine> = {}): DebitLine => ({
  endToEndId: `DD-20260407-1-${n}`,
  amount: '24.90',
  sequence: 'FRST',
  mandate: `UMR-${n}`,
  signedOn: '2026-01-05',
  name: 'Amina Berthier',
  iban: 'DE89370400440532013000',
  bic: '',
  remittance: '2026-02-000001',
  ...given,
})
const file = (lines: readonly DebitLine[], given: Partial<DebitFile> = {}): DebitFile => ({
  format: 'pain.008.001.02',
  messageId: 'DD-20260407-1',
  madeAt: '2026-03-10T09:12:33',
  collectOn: '2026-04-07',
  creditor: { name: 'Réseau des Collines', iban: 'FR7630006000011234567890189', bic: 'AGRIFRPP', creditorId: 'FR72ZZZ123456' },
  lines,
  ...given,
})

test('one block for each sequence, in both formats, with what the scheme wants and in its order', () => {
  const lines = [
    line(1),
    line(2, { sequence: 'RCUR', bic: 'COBADEFF', amount: '1000.1' }),
    line(3, { sequence: 'OOFF' }),
    line(4, { sequence: 'RCUR' }),
  ]
  for (const format of ['pain.008.001.02', 'pain.008.001.08'] as const) {
    const xml = pain008(file(lines, { format }))
    expect(checkPain008(xml, format)).toEqual([])
    expect(xml.match(/<SeqTp>/g)).toHaveLength(3)
    expect(xml).toContain(format === 'pain.008.001.02' ? '<BIC>COBADEFF</BIC>' : '<BICFI>COBADEFF</BICFI>')
    expect(xml).toContain('<CtrlSum>1074.80</CtrlSum>')
    expect(xml).toContain('<InstdAmt Ccy="EUR">1000.10</InstdAmt>')
    expect(xml).toContain('<Id>NOTPROVIDED</Id>')
    expect(pain008(file(lines, { format }))).toBe(xml)
  }
})

test('the checker sees what is wrong', () => {
  const right = pain008(file([line(1), line(2)]))
  for (const [from, to] of [
    ['<CtrlSum>49.80</CtrlSum>', '<CtrlSum>49.81</CtrlSum>'],
    ['<NbOfTxs>2</NbOfTxs>', '<NbOfTxs>3</NbOfTxs>'],
    ['DE89370400440532013000', 'DE88370400440532013000'],
    ['FR72ZZZ123456', 'FR73ZZZ123456'],
    ['DD-20260407-1-2', 'DD-20260407-1-1'],
    ['Amina', 'Aminà'],
    ['<PmtMtd>DD</PmtMtd>', ''],
    ['<InstdAmt Ccy="EUR">24.90', '<InstdAmt Ccy="EUR">0.00'],
    ['<ReqdColltnDt>2026-04-07', '<ReqdColltnDt>2026-04-06'],
    ['<Cd>CORE</Cd>', '<Cd>COR1</Cd>'],
  ] as const)
    expect([from, checkPain008(right.replace(from, to), 'pain.008.001.02').length > 0]).toEqual([from, true])
})

test('whatever amounts: the sums are those of the lines, to the cent', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  for (let round = 0; round < 60; round++) {
    const lines = Array.from({ length: 1 + random(40) }, (_, n) =>
      line(n, {
        amount: decimal(1 + random(round % 5 === 0 ? 2_000_000_000 : 9_999))
          .div(100)
          .toFixed(2),
        sequence: (['FRST', 'RCUR', 'OOFF'] as const)[random(3)] ?? 'FRST',
      }),
    )
    const xml = pain008(file(lines))
    expect(checkPain008(xml, 'pain.008.001.02')).toEqual([])
    const sum = lines.reduce((cents, { amount }) => cents + BigInt(amount.replace('.', '')), 0n)
    expect(xml).toContain(`<CtrlSum>${sum / 100n}.${String(sum % 100n).padStart(2, '0')}</CtrlSum>`)
  }
})

test('hostile names make no other file than the one that was meant', () => {
  const names = [
    '</Nm></Dbtr><InstdAmt Ccy="EUR">9</InstdAmt>',
    'Œuvre & Fils "Ça" <ß>',
    '//double//slash//',
    '\u0000\u001b\ud800\uffff',
    '株式会社',
    'Ελένη Παππά',
    'Иван Щербаков',
    'x'.repeat(500),
    "' OR 1=1 --",
    '   ',
    '😀 Zoë',
    ']]>&amp;&#60;',
  ]
  const xml = pain008(file(names.map((name, n) => line(n, { name, remittance: name }))))
  expect(checkPain008(xml, 'pain.008.001.02')).toEqual([])
  expect(xml.match(/<DrctDbtTxInf>/g)).toHaveLength(names.length)
  expect([...xml.matchAll(/<Dbtr>\s*<Nm>([^<]*)</g)].map(([, name]) => name)).toEqual(
    expect.arrayContaining(["Oeuvre + Fils 'Ca' (ss)", 'Ivan Shterbakov', 'Eleni Pappa', 'NOTPROVIDED']),
  )
})

test('letters have counterparts that banks take', () => {
  for (const [from, to] of [
    ['Éloïse Nuñez', 'Eloise Nunez'],
    ['Œuf Æsop straße', 'Oeuf Aesop strasse'],
    ['Łódź Đorđe Ørsted', 'Lodz Dorde Orsted'],
    ['L’été – 5€ @ chez «nous»', "L'ete - 5 EUR (at) chez 'nous'"],
    ['Ελένη', 'Eleni'],
    ['Щукин', 'Shtukin'],
    ['/a//b/', 'a/b'],
    ['株式', ''],
  ] as const)
    expect(sepaText(from, 70)).toBe(to)
  expect(sepaText(`${'a'.repeat(69)} b`, 70)).toHaveLength(69)
})

test('a creditor identifier is known by its check digits', () => {
  for (const id of ['FR72ZZZ123456', 'FR72ABC123456', 'DE98ZZZ09999999999', 'BE68ZZZ0123456789'.replace('BE68', 'DE00')]) {
    expect([id, isCreditorId(id)]).toEqual([id, !id.startsWith('DE00')])
  }
  for (const id of ['', 'FR73ZZZ123456', 'fr72zzz123456', 'FR72ZZZ', 'FR72ZZZ12345 6']) expect([id, isCreditorId(id)]).toEqual([id, false])
})

test('banks settle on no weekend and on no holiday of TARGET', () => {
  const closed = [
    '2026-01-01',
    '2026-04-03',
    '2026-04-06',
    '2026-05-01',
    '2026-12-25',
    '2027-03-26',
    '2027-03-29',
    '2028-04-14',
    '2028-04-17',
    '2028-12-26',
    '2026-04-11',
    '2026-04-12',
  ]
  for (const day of closed) expect([day, isTargetDay(Temporal.PlainDate.from(day))]).toEqual([day, false])
  for (const day of ['2026-04-02', '2026-04-07', '2026-05-08', '2026-07-14', '2026-12-24', '2027-01-04'])
    expect([day, isTargetDay(Temporal.PlainDate.from(day))]).toEqual([day, true])
  expect(targetDayFrom(Temporal.PlainDate.from('2026-04-03')).toString()).toBe('2026-04-07')
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type CsvMapping, csvMappingSchema } from './csv-mapping.ts'
import { guessMapping } from './guess-mapping.ts'
import { type ReadOptions, readStatement } from './read-statement.ts'
import { longestText } from './texts.ts'

const mapping = csvMappingSchema.parse({
  delimiter: ';',
  header: true,
  dateFormat: 'dd/mm/yyyy',
  decimal: ',',
  columns: { bookedOn: 'Date', amount: 'Montant', label: ['Libellé'] },
})
const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')
const camt = fixture('camt.053.001.02.xml')
const ofx = readFileSync(new URL('./fixtures/ofx-1.ofx', import.meta.url), 'latin1')

function problemsOf(content: string | Uint8Array, options: Partial<ReadOptions> = {}) {
  const read = readStatement(typeof content === 'string' ? Buffer.from(content) : content, { currency: 'EUR', ...options })
  return 'problems' in read ? read.problems : []
}
function linesOf(content: string | Uint8Array, options: Partial<ReadOptions> = {}) {
  const read = readStatement(typeof content === 'string' ? Buffer.from(content) : content, { currency: 'EUR', ...options })
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return read.statement.lines
}
const said = (content: string | Uint8Array, options: Partial<ReadOptions> = {}) =>
  problemsOf(content, options).map(({ line, field, message }) => `${line ?? ''} ${field ?? ''}: ${message}`)

test.each<[string, string | Uint8Array, RegExp]>([
  ['an empty file', '', /empty/],
  ['a blank file', ' \r\n \n', /empty/],
  ['a web page', '<!DOCTYPE html><html><body>Session expirée</body></html>', /web page/],
  ['a PDF', '%PDF-1.7\n…', /PDF/],
  ['a spreadsheet', 'PK\x03\x04\x14\x00', /spreadsheet/],
  ['an image', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 1, 2, 3, 4]), /not a text file/],
  ['other XML', '<?xml version="1.0"?><feed><entry/></feed>', /neither CAMT nor OFX/],
  ['prose', 'Dear all,\nsee attachment.', /columns were not recognised/],
])('%s is refused in one sentence that says what it is', (_, content, message) => {
  expect(problemsOf(content)).toHaveLength(1)
  expect(problemsOf(content)[0]?.message).toMatch(message)
  expect(guessMapping(Buffer.from(content))).toBeUndefined()
})

test('every bad row of a CSV is told at once, with its line, its column and its value', () => {
  const content = [
    'Date;Libellé;Montant',
    '31/02/2026;february;1,00',
    '01/03/2026;fine;1,00',
    '2026-03-01;"two\nlines";1.50',
    '02/03/2026;too short',
    '03/03/2026;;abc',
    ';;',
    '04/03/2026;mark;1,234',
    '',
  ].join('\r\n')
  expect(problemsOf(content, { mapping })).toMatchObject([
    { line: 2, field: 'Date', values: { value: '31/02/2026', format: 'dd/mm/yyyy' } },
    { line: 4, field: 'Date', values: { value: '2026-03-01' } },
    { line: 4, field: 'Montant', values: { value: '1.50' } },
    { line: 6, values: { columns: 2, needed: 3 } },
    { line: 7, field: 'Montant', values: { value: 'abc' } },
  ])
  expect(said('Date;Libellé;Montant\n04/03/2026;mark;1,234', { mapping })).toEqual([
    '2 amount: {{amount}} has more decimals than {{currency}}: check the decimal mark.',
  ])
})

test('missing columns are named', () => {
  expect(problemsOf('Datum;Libellé;Betrag\n', { mapping })).toMatchObject([
    { line: 1, field: 'Date' },
    { line: 1, field: 'Montant' },
  ])
})

test('a preamble that has grown since the mapping was made does no harm', () => {
  expect(linesOf('Compte;1\nTitulaire;Association\n\nDate;Libellé;Montant\n01/03/2026;don;5,00', { mapping })).toMatchObject([
    { amount: '5.00', source: { line: 5 } },
  ])
})

test('quotes that are never closed and fields without an end are refused', () => {
  expect(said('Date;Libellé;Montant\n01/03/2026;"open;1,00\n', { mapping })[0]).toMatch(/quote is opened and never closed/)
  expect(said(`Date;Libellé;Montant\n01/03/2026;"${'x'.repeat(200_000)}";1,00\n`, { mapping })[0]).toMatch(/^2 : This line is far too long/)
  expect(said(`Date;Libellé;Montant\n01/03/2026;${'x'.repeat(longestText + 1)};1,00\n`, { mapping })[0]).toMatch(
    /^2 label: This text is longer/,
  )
})

test('a thousand problems are told, and how many more there are', () => {
  const problems = problemsOf(`Date;Libellé;Montant\n${'x;y;z\n'.repeat(700)}`, { mapping })
  expect(problems).toHaveLength(1001)
  expect(problems.at(-1)?.values).toEqual({ more: 400 })
})

test('another currency than the account’s is refused in each format', () => {
  const columns: CsvMapping['columns'] = { ...mapping.columns, currency: 'Devise' }
  const csv = 'Date;Libellé;Montant;Devise\n01/03/2026;a;1,00;EUR\n02/03/2026;b;1,00;USD'
  expect(problemsOf(csv, { mapping: { ...mapping, columns } })).toMatchObject([{ line: 3, field: 'currency', values: { currency: 'USD' } }])
  expect(said(ofx, { currency: 'CHF' })[0]).toMatch(/currency: This is in/)
  expect(said(camt.replace('<Amt Ccy="EUR">24.00', '<Amt Ccy="JPY">24.00')).join()).toMatch(/11 currency: This is in/)
})

test('charsets are found out: UTF-8, Windows-1252, UTF-16 with and without mark; a wrong one that is asked for is refused', () => {
  const content = 'Date;Libellé;Montant\r\n01/03/2026;Éloïse;1,00'
  const utf16 = Buffer.from(content, 'utf16le')
  for (const bytes of [
    Buffer.from(content),
    Buffer.from(content, 'latin1'),
    utf16,
    Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
    Buffer.from(utf16).swap16(),
  ])
    expect(linesOf(bytes, { mapping })[0]?.label).toBe('Éloïse')
  expect(said(Buffer.from(content, 'latin1'), { mapping, charset: 'utf-8' })[0]).toMatch(/charset/)
  expect(said(content, { mapping, charset: 'no-such-charset' })[0]).toMatch(/charset/)
})

test('what a bank writes as an amount', () => {
  const amounts = ['1 234,56', '1\u202f234,56 €', '-1.234,56', '(12,00)', '12,00-', '+7', '\u221212,5', '1’000,00', ',5', '-0,00']
  const content = `Date;Libellé;Montant\n${amounts.map(amount => `01/03/2026;x;${amount}`).join('\n')}`
  expect(linesOf(content, { mapping }).map(line => line.amount)).toEqual([
    '1234.56',
    '1234.56',
    '-1234.56',
    '-12.00',
    '-12.00',
    '7.00',
    '-12.50',
    '1000.00',
    '0.50',
    '0.00',
  ])
  for (const amount of ['12.3', '1.23.4', '1,2,3', '1e3', '--1', '0x10', '9'.repeat(13), '1,234567'])
    expect(problemsOf(`Date;Libellé;Montant\n01/03/2026;x;${amount}`, { mapping }), amount).toHaveLength(1)
})

test('the sign: two columns, a column of directions, an inverted one', () => {
  const two = { ...mapping, columns: { bookedOn: 'Date', debit: 'D', credit: 'C', label: ['L'] } }
  expect(
    linesOf('Date;L;D;C\n01/03/2026;a;5,00;\n01/03/2026;b;-5,00;0,00\n01/03/2026;c;;6,00', { mapping: two }).map(line => line.amount),
  ).toEqual(['-5.00', '-5.00', '6.00'])
  expect(said('Date;L;D;C\n01/03/2026;a;5,00;1,00', { mapping: two })[0]).toMatch(/^2 C: There is a debit and a credit/)
  const directed = { ...mapping, columns: { bookedOn: 1, amount: 3, direction: 4, label: [2] }, header: false }
  expect(linesOf('01/03/2026;a;5,00;S\n01/03/2026;b;5,00;Crédit', { mapping: directed }).map(line => line.amount)).toEqual([
    '-5.00',
    '5.00',
  ])
  expect(said('01/03/2026;a;5,00;maybe', { mapping: directed })[0]).toMatch(/^1 4: .* neither debit nor credit/)
  expect(linesOf('Date;Libellé;Montant\n01/03/2026;a;5,00', { mapping: { ...mapping, signInverted: true } })[0]?.amount).toBe('-5.00')
})

test('a mapping that contradicts itself is refused with the field', () => {
  const fields = csvMappingSchema
    .safeParse({ ...mapping, header: false, columns: { ...mapping.columns, debit: 'D', credit: 'C', state: 'S' } })
    .error?.issues.map(issue => issue.path.join('.'))
  expect(fields).toEqual(['columns.amount', 'bookedStates', 'columns'])
})

test('a cut file is refused where it ends, wherever it is cut', () => {
  for (const [content, end] of [
    [camt, camt.indexOf('</Document>')],
    [ofx, ofx.indexOf('</OFX>')],
  ] as const)
    for (let length = content.indexOf('<Bal>') + 200; length < end; length += 97)
      expect(problemsOf(content.slice(0, length)).length, String(length)).toBeGreaterThan(0)
  expect(said(camt.slice(0, 1500)).join()).toMatch(/ends in the middle/)
})

test('document types, entities and nesting without end are refused', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "${'b'.repeat(100)}"><!ENTITY c "&a;&a;&a;">]>`
  expect(said(camt.replace(/<\?xml.*\?>/, bomb))).toEqual(['1 : The file defines a document type, which no bank does: it is not read.'])
  expect(said(ofx.replace('<OFX>', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><OFX>'))[0]).toMatch(/document type/)
  expect(said(camt.replace('<Stmt>', '<Stmt>'.repeat(5000)))[0]).toMatch(/damaged/)
  expect(said(camt.replace('<Stmt>', `<Stmt ${'a="b" '.repeat(500_000)}>`))[0]).toMatch(/damaged/)
  expect(said(ofx.replace('<STMTTRN>', '<STMTTRN>'.repeat(5000)))[0]).toMatch(/damaged/)
  expect(linesOf(camt.replace('<Id>S-5</Id>', '<__proto__>x</__proto__><constructor/><Id>S-5</Id>'))).toHaveLength(4)
})

test('bad values in XML and SGML are told with the line of their entry', () => {
  const bad = camt.replace('2026-01-06', '2026-02-31').replace('>24.00<', '>24,0.0<').replace('<CdtDbtInd>DBIT', '<CdtDbtInd>BOTH')
  expect(problemsOf(bad)).toMatchObject([
    { line: 11, field: 'Amt', values: { value: '24,0.0' } },
    { line: 11, field: 'ValDt', values: { value: '2026-02-31' } },
    { line: 33, field: 'CdtDbtInd' },
  ])
  expect(problemsOf(ofx.replace('20260112', '20260199').replace('-24,00', 'free'))).toMatchObject([
    { line: 17, field: 'DTPOSTED' },
    { line: 25, field: 'TRNAMT' },
  ])
})

test('a batch and balances that do not add up are refused', () => {
  expect(problemsOf(camt.replace('>30.00<', '>31.00<'))).toMatchObject([
    { line: 22, field: 'TxDtls', values: { sum: '51.00', amount: '50.00' } },
  ])
  expect(problemsOf(camt.replace('>1037.50<', '>1037.51<'))).toMatchObject([
    { field: 'Bal', values: { sum: '1037.50', closing: '1037.51' } },
  ])
})

test('a file of several accounts asks which, and takes the one that is asked for', () => {
  const other = 'DE89370400440532013000'
  const statement = camt.slice(camt.indexOf('<Stmt>'), camt.indexOf('</Stmt>') + 7)
  const two = camt.replace('</Stmt>', `</Stmt>${statement.replace('FR1420041010050500013M02606', other)}`)
  expect(said(two)[0]).toMatch(/several accounts/)
  expect(linesOf(two, { account: 'de89 3704 0044 0532 0130 00' })).toHaveLength(4)
  expect(said(camt, { account: other })[0]).toMatch(/not of/)
})

test('several days of one account become one statement, in the order of time', () => {
  const day = camt.slice(camt.indexOf('<Stmt>'), camt.indexOf('</Stmt>') + 7)
  const next = day
    .replaceAll('2026-01-05', '2026-01-06')
    .replace('>1000.00<', '>1037.50<')
    .replace(
      '>1037.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-06</Dt></Dt></Bal>\n      <Ntry>',
      '>1075.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>\n      <Ntry>',
    )
  const read = readStatement(Buffer.from(camt.replace('<Stmt>', `${next}<Stmt>`)), { currency: 'EUR' })
  expect(read).toMatchObject({
    statement: { openingBalance: '1000.00', closingBalance: '1075.00', from: '2026-01-05', until: '2026-01-06' },
  })
})

test('a file without bookings is a statement without lines', () => {
  expect(linesOf('Date;Libellé;Montant\n')).toEqual([])
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readStatement } from './read-statement.ts'
import type { Statement } from './statement.ts'

interface Made {
  readonly day: number
  readonly cents: number
  readonly label: string
  readonly reference: string
}

const word = fc.stringMatching(/^[A-Za-z0-9éÉçß€<>&"';,.=+@-]{1,12}$/).filter(text => !/[.]{2}|^[-0.]+$/.test(text))
const made = fc.record<Made>({
  day: fc.integer({ min: 1, max: 9 }),
  cents: fc.integer({ min: -999_999_99, max: 999_999_99 }),
  label: fc.array(word, { minLength: 1, maxLength: 5 }).map(words => `ADH ${words.join(' ')}`),
  reference: fc.stringMatching(/^[A-Z]{2}[A-Z0-9]{3,8}$/),
})
const statement = fc.array(made, { maxLength: 20 })

const iso = ({ day }: Made) => `2026-03-0${day}`
const decimal = ({ cents }: Made) =>
  `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const formats: Record<string, (lines: readonly Made[]) => string> = {
  csv: lines =>
    [
      'Date;Libellé;Référence;Montant',
      ...lines.map(
        line => `0${line.day}/03/2026;"${line.label.replaceAll('"', '""')}";${line.reference};${decimal(line).replace('.', ',')}`,
      ),
    ].join('\r\n'),
  ofx: lines =>
    `OFXHEADER:100\n\n<OFX><STMTRS><CURDEF>EUR<BANKTRANLIST>${lines
      .map(
        line =>
          `\n<STMTTRN><DTPOSTED>${iso(line).replaceAll('-', '')}<TRNAMT>${decimal(line)}<FITID>${line.reference}<MEMO>${escaped(line.label)}\n</STMTTRN>`,
      )
      .join('')}</BANKTRANLIST></STMTRS></OFX>`,
  camt053: lines =>
    `<Document><BkToCstmrStmt><Stmt><Id>1</Id>${lines
      .map(
        line =>
          `<Ntry><Amt Ccy="EUR">${decimal(line).replace('-', '')}</Amt><CdtDbtInd>${line.cents < 0 ? 'DBIT' : 'CRDT'}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>${iso(line)}</Dt></BookgDt><AcctSvcrRef>${line.reference}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>${escaped(line.label)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
      )
      .join('\n')}</Stmt></BkToCstmrStmt></Document>`,
}

function read(content: string): Statement {
  const result = readStatement(Buffer.from(content), { currency: 'EUR' })
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.statement
}

test.each(Object.entries(formats))('what is written as %s is read back', (format, write) => {
  fc.assert(
    fc.property(statement, lines => {
      const found = read(write(lines))
      expect(found.format).toBe(format)
      expect(found.lines.map(({ bookedOn, amount, label, bankReference }) => ({ bookedOn, amount, label, bankReference }))).toEqual(
        lines.map(line => ({ bookedOn: iso(line), amount: decimal(line), label: line.label, bankReference: line.reference })),
      )
    }),
    { numRuns: 60 },
  )
})

test('exports of overlapping days, in any order, name each booking alike, and same bookings apart', () => {
  const few = fc.array(
    fc.record<Made>({
      day: fc.integer({ min: 1, max: 9 }),
      cents: fc.constantFrom(2000, 2400),
      label: fc.constantFrom('ADH 1', 'ADH 2'),
      reference: fc.constant(''),
    }),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(few, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (lines, a, b) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)]
      const write = formats.csv ?? String
      const prints = (part: readonly Made[]) => read(write(part)).lines.map(line => line.fingerprint)
      const whole = prints(lines)
      const early = prints(lines.filter(line => line.day <= last))
      const late = prints(lines.filter(line => line.day >= first).toReversed())
      expect(new Set(whole).size).toBe(lines.length)
      expect(new Set([...early, ...late])).toEqual(new Set(whole))
    }),
    { numRuns: 60 },
  )
})

test('a day that one export has half is completed by the next', () => {
  const line = (label: string): Made => ({ day: 4, cents: 2000, label, reference: '' })
  const noon = read(formats.csv?.([line('ADH 1')]) ?? '').lines
  const evening = read(formats.csv?.([line('ADH 2'), line('ADH 1'), line('ADH 1')]) ?? '').lines
  expect(new Set([...noon, ...evening].map(each => each.fingerprint)).size).toBe(3)
})

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { guessMapping } from './guess-mapping.ts'
import { readStatement } from './read-statement.ts'
import type { StatementLine } from './statement.ts'

const folder = new URL('./fixtures/', import.meta.url)
const fixture = (name: string) => readFileSync(new URL(name, folder))
const booked = (bookedOn: string, amount: string, label: string, line: number, more: Partial<StatementLine> = {}) => ({
  bookedOn,
  amount,
  label,
  currency: 'EUR',
  isReturn: false,
  source: { line },
  ...more,
})
const isReturn = true
const account = { iban: 'FR1420041010050500013M02606' }

const expected: Record<string, { statement: object; lines: object[] }> = {
  'credit-cooperatif.csv': {
    statement: { format: 'csv', from: '2026-01-05', until: '2026-01-08' },
    lines: [
      booked('2026-01-05', '32.00', 'VIR SEPA DURAND CHLOE ADH-00042 fibre janvier', 2, {
        valueOn: '2026-01-05',
        bankReference: '7Q2R001',
      }),
      booked('2026-01-06', '-450.00', 'PRLV SEPA SCI DU MOULIN Bail "Moulin"; local technique', 3, {
        valueOn: '2026-01-07',
        bankReference: '7Q2R002',
      }),
      booked('2026-01-08', '-32.00', 'PRLV SEPA IMPAYE MARTIN PAUL AM04 provision insuffisante', 5, {
        valueOn: '2026-01-08',
        bankReference: '7Q2R003',
        isReturn,
        returnReason: 'AM04',
      }),
    ],
  },
  'la-banque-postale.csv': {
    statement: { from: '2026-01-28', until: '2026-01-30' },
    lines: [
      booked('2026-01-30', '24.00', 'VIREMENT DE MME LEFÈVRE RÉF ADH-00007', 8),
      booked('2026-01-30', '24.00', 'VIREMENT DE MME LEFÈVRE RÉF ADH-00007', 9),
      booked('2026-01-28', '-1089.40', 'PRELEVEMENT DE ÉNERGIE COOPÉRATIVE', 10),
    ],
  },
  'credit-mutuel.csv': {
    statement: {},
    lines: [
      booked('2026-01-02', '-12.50', 'FRAIS DE TENUE DE COMPTE', 2, { valueOn: '2026-01-01' }),
      booked('2026-01-03', '1500.00', 'VIR SUBVENTION MAIRIE D’ÉVRY €', 3, { valueOn: '2026-01-03' }),
    ],
  },
  'societe-generale.csv': {
    statement: {},
    lines: [
      booked('2026-01-29', '18.00', 'VIR RECU 9604 DE: MOREAU LEA MOTIF: RF18 5390 0754 7034', 4, {
        structuredReference: 'RF18539007547034',
      }),
      booked('2026-01-29', '-1250.00', 'PRELEVEMENT EUROPEEN 123 DE: TRANSIT SA MANDAT M1', 5),
    ],
  },
  'bnp-paribas.csv': {
    statement: {},
    lines: [
      booked('2026-01-12', '32.00', 'VIR SEPA RECU /DE PETIT JEAN /MOTIF ADH-00012', 2),
      booked('2026-01-13', '-45.89', 'FACTURE CARTE DU 110126 QUINCAILLERIE', 3),
    ],
  },
  'boursorama.csv': {
    statement: { account: { other: '00040123456' } },
    lines: [
      booked('2026-01-15', '1234.56', 'VIR ROUX INES ADH-00031', 2, { valueOn: '2026-01-15' }),
      booked('2026-01-14', '-9.40', 'CARTE 13/01/26 LA POSTE CB*1234', 3, { valueOn: '2026-01-13' }),
    ],
  },
  'sparkasse-camt.csv': {
    statement: { account: { iban: 'DE89370400440532013000' } },
    lines: [
      booked('2026-01-19', '30.00', 'GUTSCHR. UEBERWEISUNG Beitrag Müller Mitglied 17', 2, {
        valueOn: '2026-01-19',
        counterpartyName: 'Jörg Müller',
        counterpartyIban: 'DE75512108001245126199',
      }),
      booked('2026-01-20', '-33.00', 'RETOURE Rueckgabegrund AC04 Konto geschlossen', 3, {
        valueOn: '2026-01-20',
        counterpartyName: 'Anna Weiß',
        counterpartyIban: 'BE68539007547034',
        endToEndId: 'E2E-9',
        mandateId: 'M-9',
        returnReason: 'AC04',
        isReturn,
      }),
    ],
  },
  'n26.csv': {
    statement: {},
    lines: [
      booked('2026-01-07', '24.00', 'ADH-00050, janvier', 2, {
        valueOn: '2026-01-07',
        counterpartyName: 'Nadia Benali',
        counterpartyIban: 'FR7630006000011234567890189',
      }),
      booked('2026-01-09', '-1015.20', '=HYPERLINK("http://example.org")', 3, {
        valueOn: '2026-01-10',
        counterpartyName: '=HYPERLINK("http://example.org")',
      }),
    ],
  },
  'qonto.csv': {
    statement: {},
    lines: [
      booked('2026-01-11', '60.00', 'Sam Kaplan ADH-00061', 2, {
        counterpartyName: 'Sam Kaplan',
        counterpartyIban: 'BE68539007547034',
        bankReference: 'asso-0042-1-transaction-77',
      }),
    ],
  },
  'revolut.csv': {
    statement: {},
    lines: [booked('2026-01-03', '45.00', 'Payment from Lena Holm', 2), booked('2026-01-05', '-20.50', 'To Transit SA', 3)],
  },
  'camt.053.001.02.xml': {
    statement: {
      format: 'camt053',
      account,
      openingBalance: '1000.00',
      closingBalance: '1037.50',
      from: '2026-01-05',
      until: '2026-01-05',
    },
    lines: [
      booked('2026-01-05', '24.00', 'ADH-00042 janvier <2026> & février', 11, {
        valueOn: '2026-01-06',
        counterpartyName: "Zoé O'Brien & fils",
        counterpartyIban: 'DE89370400440532013000',
        bankReference: 'BANK-1',
      }),
      ...['Ana Costa', 'Bo Lind'].map((counterpartyName, index) =>
        booked('2026-01-05', `${index + 2}0.00`, `${counterpartyName} E2E-${index + 1}`, 22, {
          counterpartyName,
          endToEndId: `E2E-${index + 1}`,
          mandateId: `M-${index + 1}`,
          bankReference: 'BANK-2',
        }),
      ),
      booked('2026-01-05', '-36.50', 'REJET PRLV', 33, {
        counterpartyName: 'Cy Dubois',
        counterpartyIban: 'BE68539007547034',
        endToEndId: 'E2E-0',
        mandateId: 'M-0',
        returnReason: 'AM04',
        isReturn,
      }),
    ],
  },
  'camt.053.001.08.xml': {
    statement: { account: { other: '000123' }, openingBalance: '-10.00', closingBalance: '35.50' },
    lines: [
      booked('2026-02-02', '45.50', 'Céline Noël RF18539007547034 INV-1', 6, {
        counterpartyName: 'Céline Noël',
        counterpartyIban: 'DE75512108001245126199',
        endToEndId: 'INV-1',
        structuredReference: 'RF18539007547034',
        bankReference: 'T-77',
      }),
    ],
  },
  'camt.054.001.04.xml': {
    statement: { account },
    lines: [
      booked('2026-03-01', '-15.00', 'Transit SA SAL-1', 4, {
        counterpartyName: 'Transit SA',
        counterpartyIban: 'DE89370400440532013000',
        endToEndId: 'SAL-1',
      }),
    ],
  },
  'ofx-1.ofx': {
    statement: {
      format: 'ofx',
      account: { other: '20041 01005 0500013M026' },
      from: '2026-01-01',
      until: '2026-01-31',
      closingBalance: '108.00',
    },
    lines: [
      booked('2026-01-12', '32.00', 'VIR SEPA LEFÈVRE & FILS ADH-00042 5&euro;', 17, {
        counterpartyName: 'VIR SEPA LEFÈVRE & FILS',
        bankReference: 'F-1',
      }),
      booked('2026-01-13', '-24.00', 'PRLV SEPA IMPAYE MD06 DUPONT', 25, {
        valueOn: '2026-01-14',
        counterpartyName: 'PRLV SEPA IMPAYE',
        bankReference: 'F-2',
        returnReason: 'MD06',
        isReturn,
      }),
    ],
  },
  'ofx-2.ofx': {
    statement: { format: 'ofx', account, closingBalance: '18.00' },
    lines: [
      booked('2026-02-03', '18.00', 'Lucía Peña Cuota <febrero> RF18539007547034', 8, {
        counterpartyName: 'Lucía Peña',
        counterpartyIban: 'BE68539007547034',
        structuredReference: 'RF18539007547034',
        bankReference: 'G-1',
      }),
    ],
  },
}

test.each(Object.keys(expected))('%s is read to the last value', name => {
  const read = readStatement(fixture(name), { currency: 'EUR' })
  if (!('statement' in read)) throw new Error(JSON.stringify(read.problems))
  expect(read.statement).toMatchObject(expected[name]?.statement ?? {})
  expect(read.statement.lines.map(({ fingerprint, ...line }) => line)).toEqual(expected[name]?.lines)
  expect(new Set(read.statement.lines.map(line => line.fingerprint)).size).toBe(read.statement.lines.length)
})

test('every fixture has its expectation', () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(expected).toSorted())
})

test('a guessed mapping is complete and reads the file like the guess did', () => {
  const bytes = fixture('sparkasse-camt.csv')
  const mapping = guessMapping(bytes)
  expect(mapping).toMatchObject({
    delimiter: ';',
    dateFormat: 'dd.mm.yy',
    decimal: ',',
    columns: { bookedOn: 'Buchungstag', amount: 'Betrag', label: ['Buchungstext', 'Verwendungszweck'], state: 'Info' },
    bookedStates: ['Umsatz gebucht'],
  })
  if (mapping) expect(readStatement(bytes, { currency: 'EUR', mapping })).toEqual(readStatement(bytes, { currency: 'EUR' }))
})

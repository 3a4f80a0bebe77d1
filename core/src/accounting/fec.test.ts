import fc from 'fast-check'
import { expect, test } from 'vitest'
import { datedCoin } from '../reminders/fixture.ts'
import { entriesOf } from './entries.ts'
import { balance, type FecLine, readFec, sum } from './fec-checker.fixture.ts'
import { piecesOf } from './files.ts'
import { happen, happening } from './ledger.fixture.ts'
import { letter, lettersFor, lettersOf } from './lettering.ts'
import { writePieces } from './snapshot.ts'

type Dated = Awaited<ReturnType<typeof datedCoin>>
const exported = (it: Dated, from: string, to: string, kind: Parameters<typeof piecesOf>[0] = 'fec.txt') =>
  it.coin.asSystem('test', async () => {
    const pieces: string[] = []
    await writePieces(it.coin.database.db, piecesOf(kind, { from, to }), async piece => void pieces.push(piece))
    return pieces.join('')
  })
const cents = (amount: string) => Math.round(Number(amount) * 100)
const on = (lines: readonly FecLine[], account: string) => lines.filter(({ CompteNum }) => CompteNum === account)

test('any ledger is a sound FEC that says what the ledger says, whole or in parts', async () => {
  const it = await datedCoin({ accounting: { vatByRate: { '20': '445712', '5.5': '445713' } } })
  let day = Temporal.PlainDate.from('2030-01-01')
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 15, maxLength: 25 }), async happenings => {
        const members = await Promise.all([0, 1, 2].map(() => it.member()))
        for (const each of happenings) {
          const next = day.add({ days: each.days })
          if (next.year === day.year) day = next
          await it.on(day.toString(), tx => happen(tx, members[each.who] as number, each))
        }
        const { from, to } = { from: `${day.year}-01-01`, to: `${day.year}-12-31` }
        const { lines, broken } = readFec(await exported(it, from, to))
        expect(broken).toEqual([])

        const [ledger] = await it.ask(
          `SELECT (SELECT sum(net) FROM invoice WHERE state = 'issued' AND issued_on BETWEEN $1 AND $2) AS net, (SELECT sum(vat) FROM invoice WHERE state = 'issued' AND issued_on BETWEEN $1 AND $2) AS vat,
            (SELECT sum(total) FROM invoice WHERE state = 'issued' AND issued_on BETWEEN $1 AND $2) - (SELECT coalesce(sum(amount), 0) FROM payment WHERE received_on BETWEEN $1 AND $2) AS owed,
            (SELECT coalesce(sum(amount), 0) FROM payment WHERE received_on BETWEEN $1 AND $2 AND method = 'cash') AS cash`,
          [from, to],
        )
        const income = lines.filter(({ CompteNum }) => CompteNum.startsWith('7'))
        expect(-balance(income)).toBe(cents(ledger.net))
        expect(-balance(lines.filter(({ CompteNum }) => CompteNum.startsWith('4457')))).toBe(cents(ledger.vat))
        expect(balance(on(lines, '411000'))).toBe(cents(ledger.owed))
        expect(balance(on(lines, '530000'))).toBe(cents(ledger.cash))
        expect(sum(lines, 'Debit')).toBe(sum(lines, 'Credit'))
        if (day.year === 2030)
          for (const { member_id, owed } of await it.ask('SELECT member_id, owed FROM member_balance'))
            expect(balance(lines.filter(({ CompAuxNum }) => CompAuxNum === `M${String(member_id).padStart(6, '0')}`))).toBe(cents(owed))

        // what is lettered adds up to nothing, and what is paid is lettered
        for (const [, own] of Map.groupBy(
          on(lines, '411000').filter(({ EcritureLet }) => EcritureLet !== ''),
          line => `${line.CompAuxNum} ${line.EcritureLet}`,
        )) {
          expect(balance(own)).toBe(0)
          expect(new Set(own.map(({ DateLet }) => DateLet)).size).toBe(1)
          expect(own.length).toBeGreaterThan(1)
        }

        // in two parts: the same lines, numbers going on; letters only where both sides were there by then
        const middle = day.subtract({ days: 20 })
        if (middle.year === day.year) {
          const one = readFec(await exported(it, from, middle.toString()))
          const rest = readFec(await exported(it, middle.add({ days: 1 }).toString(), to), {
            first: 1 + new Set(one.lines.map(({ EcritureNum }) => EcritureNum)).size,
          })
          expect([...one.broken, ...rest.broken]).toEqual([])
          const unlettered = (all: readonly FecLine[]) => all.map(({ EcritureLet: _, DateLet: __, ...line }) => line)
          expect(unlettered([...one.lines, ...rest.lines])).toEqual(unlettered(lines))
        }
        day = day.add({ days: 1 })
      }),
      { numRuns: 2 },
    )
    // batch by batch, it is the same
    const small = await it.coin.asSystem('test', () =>
      it.coin.database.db.transaction(async tx => {
        const period = { from: '2030-01-01', to: '2030-12-31' }
        await letter(tx as never, period, 2)
        const numbers: number[] = []
        for await (const batch of entriesOf(tx as never, period, 1, 3)) numbers.push(...batch.map(({ number }) => number))
        return numbers
      }),
    )
    const { lines } = readFec(await exported(it, '2030-01-01', '2030-12-31'))
    expect(small).toEqual([...new Set(lines.map(({ EcritureNum }) => Number(EcritureNum)))])
  } finally {
    await it.close()
  }
})

test('an invoice, its payment and a credit note, to the letter; and what is refused', async () => {
  const it = await datedCoin({
    provider: { identity: { siren: '123456782' } },
    accounting: { fec: { separator: 'pipe', encoding: 'iso-8859-15' }, labels: { '706100': 'Abonnements' } },
  })
  try {
    const member = await it.member({ first_name: 'Zoé', last_name: 'L’Œuvre|x\ty' })
    await it.on('2031-03-05', tx => happen(tx, member, { what: 'invoice', cents: 3000, rate: '20', days: 0, who: 0, method: 'cash' }))
    await it.on('2031-03-09', tx => happen(tx, member, { what: 'pay all', cents: 1, rate: '0', days: 0, who: 0, method: 'cheque' }))
    await it.on('2031-04-01', tx => happen(tx, member, { what: 'credit', cents: 1, rate: '0', days: 0, who: 0, method: 'cash' }))
    const text = await exported(it, '2031-01-01', '2031-03-31')
    expect(text.split('\r\n')).toEqual([
      'JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|PieceRef|PieceDate|EcritureLib|Debit|Credit|EcritureLet|DateLet|ValidDate|Montantdevise|Idevise',
      "VE|Ventes|1|20310305|411000|Adhérents|M000001|Zoé L'Œuvre x y|2031-03-000001|20310305|Facture 2031-03-000001 Zoé L'Œuvre x y|38,95|0,00|A|20310309|20310305||",
      "VE|Ventes|1|20310305|706000|Prestations de services|||2031-03-000001|20310305|Facture 2031-03-000001 Zoé L'Œuvre x y|0,00|30,00|||20310305||",
      "VE|Ventes|1|20310305|706100|Abonnements|||2031-03-000001|20310305|Facture 2031-03-000001 Zoé L'Œuvre x y|0,00|2,46|||20310305||",
      "VE|Ventes|1|20310305|445710|TVA collectée|||2031-03-000001|20310305|Facture 2031-03-000001 Zoé L'Œuvre x y|0,00|6,49|||20310305||",
      expect.stringContaining(
        "BQ|Banque|2|20310309|511200|Chèques à encaisser|||P1|20310309|Règlement chèque Zoé L'Œuvre x y|38,95|0,00|||",
      ),
      expect.stringContaining(
        "BQ|Banque|2|20310309|411000|Adhérents|M000001|Zoé L'Œuvre x y|P1|20310309|Règlement chèque Zoé L'Œuvre x y|0,00|38,95|A|20310309|",
      ),
      '',
    ])
    const april = readFec(await exported(it, '2031-04-01', '2031-12-31'), { separator: '|', first: 3 })
    expect([april.broken, april.lines[0]]).toEqual([
      [],
      expect.objectContaining({ EcritureNum: '3', CompteNum: '411000', Credit: '38,95', EcritureLib: expect.stringContaining('Avoir') }),
    ])
    await expect(exported(it, '2031-06-01', '2032-02-01')).rejects.toThrow('A FEC is of one financial year')

    const csv = await exported(it, '2031-03-01', '2031-04-30', 'invoices.csv')
    expect(csv.split('\r\n')).toHaveLength(1 + 2 + 2 + 1)
    expect(csv).toContain('2031-03-000001,invoice,,2031-03-05')
    expect(csv).toContain(',credit_note,2031-03-000001,2031-04-01')
    const payments = JSON.parse(await exported(it, '2031-03-01', '2031-04-30', 'payments.json'))
    expect(payments).toMatchObject([
      {
        amount: '38.95',
        method: 'cheque',
        account: '511200',
        allocated: '38.95',
        covers: [{ invoice: '2031-03-000001', amount: '38.95' }],
      },
    ])
    expect(JSON.parse(await exported(it, '2030-01-01', '2030-01-31', 'invoices.json'))).toEqual([])
    expect((await exported(it, '2031-03-01', '2031-04-30', 'payments.csv')).split('\r\n')[1]).toContain('2031-03-000001,,38.95,false')

    // another currency, and a line changed past the rules
    await it.ask(`INSERT INTO payment (member_id, amount, currency, received_on) VALUES ($1, 5, 'USD', '2031-05-05')`, [member])
    await expect(exported(it, '2031-05-01', '2031-05-31')).rejects.toThrow(/another currency/)
    const client = await it.coin.pool.connect()
    try {
      await client.query('BEGIN')
      await client.query(`SET LOCAL session_replication_role = replica`)
      await client.query(`UPDATE invoice_line SET net = 29.99, unit_price = 29.99 WHERE net = 30`)
      await client.query('COMMIT')
    } finally {
      client.release()
    }
    await expect(exported(it, '2031-03-01', '2031-03-31')).rejects.toMatchObject({ code: 'refused', values: { pieces: '2031-03-000001' } })
  } finally {
    await it.close()
  }
})

test('letters: what hangs together, closed by the last day; the same letters for ever', () => {
  expect([1, 26, 27, 52, 53, 702, 703].map(lettersFor)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA'])
  const link = (id: number, payment: number, invoice: number, day: string, open = false) => ({
    id,
    sourceA: 1 as const,
    idA: payment,
    dayA: day,
    openA: false,
    sourceB: 0 as const,
    idB: invoice,
    dayB: '2030-01-01',
    openB: open,
  })
  const links = [
    link(4, 1, 1, '2030-01-05'),
    link(5, 2, 1, '2030-02-01'),
    link(6, 2, 2, '2030-02-01'),
    link(7, 3, 3, '2030-01-02', true),
    link(8, 4, 4, '2030-01-02'),
  ]
  const at = (from: string, to: string) =>
    lettersOf(links, { from, to })
      .map(({ source, id, letter, day }) => `${source ? 'P' : 'F'}${id} ${letter} ${day}`)
      .sort()
  expect(at('2030-01-01', '2030-12-31')).toEqual([
    'F1 D 2030-02-01',
    'F2 D 2030-02-01',
    'F4 H 2030-01-02',
    'P1 D 2030-02-01',
    'P2 D 2030-02-01',
    'P4 H 2030-01-02',
  ])
  expect(at('2030-01-01', '2030-01-31')).toEqual(['F4 H 2030-01-02', 'P4 H 2030-01-02'])
  expect(at('2030-02-01', '2030-12-31')).toEqual(['P2 D 2030-02-01'])
})

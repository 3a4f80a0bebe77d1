import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../../testing/coin.ts'
import { addMember, addSubscription } from '../../testing/factories.ts'
import { contradictions, issueOf, on } from '../fixture.ts'
import { addAccount, apply, csv, importFile, preview, today, told } from './fixture.ts'
import { bankLineOf, lineOf } from './queries.ts'
import { ignoreLine, settleLine, takeBackLine } from './settle.ts'
import { suggestMembers } from './suggest.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())

const member = (firstName: string, lastName: string) => addMember(coin, { firstName, lastName })
const issue = (memberId: number, amount: string) => on(coin, '2026-02-01', tx => issueOf(tx, { memberId, amount }))
const valueIn = async (text: string, id: number) => (await coin.pool.query(text, [id])).rows[0].value as string
const numberOf = (invoice: number) => valueIn('SELECT number AS value FROM invoice WHERE id = $1', invoice)
const referenceOf = (subscription: number) => valueIn('SELECT reference AS value FROM subscription WHERE id = $1', subscription)
const paidOf = (invoice: number) => valueIn('SELECT allocated::text AS value FROM invoice WHERE id = $1', invoice)
const iban = 'DE89370400440532013000'

test('a reference is found however it is written, names its invoice, and beats everything else', async () => {
  const [ada, bob] = [await member('Ada', 'Abel'), await member('Bob', 'Binet')]
  const reference = await referenceOf(await addSubscription(coin, { member: ada }))
  const [, newer, fee] = [await issue(ada, '10.00'), await issue(ada, '30.00'), await issue(bob, '15.00')]
  await coin.pool.query(`INSERT INTO bank_rule (kind, value, member_id) VALUES ('iban', $1, $2)`, [iban, bob])
  const account = await addAccount(coin, 'References')
  const number = await numberOf(newer)
  const { lines } = await importFile(
    coin,
    account,
    csv([
      { amount: '1.00', label: `VIR SEPA ${reference} merci`, iban },
      { amount: '2.00', label: `vir ${reference.toLowerCase().replace('-', ' ')}` },
      { amount: '3.00', label: `MOTIF${' '}${reference.replace('-', '')}/JANVIER` },
      { amount: '30.00', label: `FACT. ${number.replaceAll('-', ' ')} ET ${reference}` },
      { amount: '4.00', label: `FACTURE ${number.replaceAll('-', '')}JANVIER` },
      { amount: '5.00', label: `${reference}9 EST UNE AUTRE` },
      { amount: '6.00', label: `${reference} POUR ${await numberOf(fee)}` },
      { amount: '-7.00', label: `REMBOURSEMENT ${reference}` },
      { amount: '0.00', label: reference },
    ]),
  )
  expect(told(lines)).toEqual([
    'matched Ada Abel reference',
    'matched Ada Abel reference',
    'matched Ada Abel reference',
    'matched Ada Abel reference',
    'matched Ada Abel reference',
    'unmatched - -',
    'unmatched - reference',
    'unmatched - -',
  ])
  expect(await paidOf(newer)).toBe('30.00')
  const { rows } = await coin.pool.query('SELECT id FROM payment WHERE amount = 30')
  const line = (await bankLineOf(coin.database.db, [Number(rows[0].id)])).get(Number(rows[0].id))
  expect(line).toMatchObject({
    fileName: 'releve.csv',
    fileLine: 5,
    account: 'References',
    reason: { by: 'reference', said: [number, reference] },
  })
  expect(await contradictions(coin)).toEqual([])
})

test('an RF reference and an end-to-end id of a CAMT count as references', async () => {
  const cleo = await member('Cléo', 'Camus')
  const subscription = await addSubscription(coin, { member: cleo })
  await coin.pool.query(`ALTER TABLE subscription DISABLE TRIGGER subscription_reference`)
  await coin.pool.query(`UPDATE subscription SET reference = 'ADH-00042' WHERE id = $1`, [subscription])
  await coin.pool.query(`ALTER TABLE subscription ENABLE TRIGGER subscription_reference`)
  const account = await addAccount(coin, 'CAMT')
  const entry = (amount: string, refs: string, rest: string) =>
    `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-02-10</Dt></BookgDt><NtryDtls><TxDtls>${refs}<RmtInf>${rest}</RmtInf></TxDtls></NtryDtls></Ntry>`
  const check = (98 - Number(BigInt([...'ADH00042RF00'].map(c => Number.parseInt(c, 36)).join('')) % 97n)).toString().padStart(2, '0')
  const file = `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id><Ccy>EUR</Ccy></Acct>${entry('11.00', '', `<Strd><CdtrRefInf><Ref>RF${check} ADH0 0042</Ref></CdtrRefInf></Strd>`)}${entry('12.00', '<Refs><EndToEndId>adh-00042</EndToEndId></Refs>', '<Ustrd>janvier</Ustrd>')}</Stmt></BkToCstmrStmt></Document>`
  const { lines } = await preview(coin, account, new TextEncoder().encode(file), 'camt.xml')
  expect(told(lines)).toEqual(['match Cléo Camus reference', 'match Cléo Camus reference'])
})

test('a name in either order matches with the amount of an open invoice or of all that is owed, once; two of a name never', async () => {
  const [dora, twin, other, zoe] = [
    await member('Dora', 'Dupont'),
    await member('Jean', 'Petit'),
    await member('Jean', 'Petit'),
    await member('Zoé', 'Le Goff'),
  ]
  for (const id of [dora, twin, other]) await issue(id, '41.00')
  await issue(zoe, '20.00')
  await issue(zoe, '22.50')
  const account = await addAccount(coin, 'Names')
  const { lines } = await preview(
    coin,
    account,
    csv([
      { amount: '41.00', label: 'cotisation', name: 'M DUPONT DORA' },
      { amount: '41.00', label: 'encore', name: 'Dora Dupont' },
      { amount: '40.00', label: 'moins', name: 'Dora Dupont' },
      { amount: '41.00', label: 'qui', name: 'PETIT JEAN' },
      { amount: '42.50', label: 'VIR SEPA RECU /DE MME LE GOFF ZOE /MOTIF FIBRE' },
    ]),
  )
  expect(told(lines)).toEqual(['match Dora Dupont name', 'none - name', 'none - name', 'none - name', 'match Zoé Le Goff name'])
  expect(lines[4]?.reason).toMatchObject({ fits: 'balance' })
  const found = await suggestMembers(coin.database.db, lines.slice(3, 4))
  expect(found.get(lines[3]?.id ?? 0)?.map(({ memberId }) => memberId)).toEqual(expect.arrayContaining([twin, other]))
})

test('what staff settle is learned by IBAN, name or label; a second member for the same payer ends that', async () => {
  const [eve, fay] = [await member('Eve', 'Ernaux'), await member('Fay', 'Ernaux')]
  const payer = 'BE68539007547034'
  const account = await addAccount(coin, 'Learning')
  const month = (n: number, label = `cotisation ${n}`) => [
    { day: `2026-0${n}-03`, amount: '24.00', label, name: 'Famille E', iban: payer },
    { day: `2026-0${n}-04`, amount: '25.00', label, name: 'Papa Ernaux' },
    { day: `2026-0${n}-05`, amount: '26.00', label: `VIR INST DE TONTON ${n}/2026` },
  ]
  const first = await importFile(coin, account, csv(month(1)))
  expect(told(first.lines)).toEqual(['unmatched - -', 'unmatched - -', 'unmatched - -'])
  for (const line of first.lines) await on(coin, today, tx => settleLine(tx, line.id, [{ memberId: eve, amount: line.amount }], true))
  const second = await importFile(coin, account, csv(month(2)))
  expect(told(second.lines)).toEqual(['matched Eve Ernaux iban', 'matched Eve Ernaux rule', 'matched Eve Ernaux rule'])
  const [byIban] = second.lines
  await on(coin, today, async tx => {
    await takeBackLine(tx, byIban?.id ?? 0)
    await settleLine(tx, byIban?.id ?? 0, [{ memberId: fay, amount: '24.00' }], true)
  })
  const third = await importFile(coin, account, csv(month(3)))
  expect(told(third.lines)).toEqual(['unmatched - iban', 'matched Eve Ernaux rule', 'matched Eve Ernaux rule'])
  expect(third.lines[0]?.reason).toMatchObject({ members: [eve, fay] })
  // somebody of that name joins: it may be theirs
  await addMember(coin, { firstName: 'Papa', lastName: 'Ernaux' })
  const fourth = await preview(coin, account, csv(month(4)))
  expect(told(fourth.lines)[1]).toBe('none - rule')
  const { rows } = await coin.pool.query('SELECT kind, confirmed, used FROM bank_rule WHERE member_id = $1 ORDER BY kind', [eve])
  expect(rows).toEqual([
    { kind: 'iban', confirmed: 1, used: 1 },
    { kind: 'label', confirmed: 1, used: 2 },
    { kind: 'name', confirmed: 1, used: 2 },
  ])
})

test('lines that are no member’s are left aside, by words that were given or because they go out', async () => {
  const [account, quiet] = [await addAccount(coin, 'Aside'), await addAccount(coin, 'Aside, out', { ignoresOut: true })]
  const fees = (day: string) =>
    csv([
      { day, amount: '-3.20', label: `FRAIS DE TENUE DE COMPTE ${day}` },
      { day, amount: '500.00', label: 'VIR SUBVENTION MAIRIE 2026' },
    ])
  const first = await importFile(coin, account, fees('2026-02-01'))
  expect(told(first.lines)).toEqual(['unmatched - -', 'unmatched - -'])
  await on(coin, today, tx => ignoreLine(tx, first.lines[0]?.id ?? 0, 'Bank fees', 'Tenue de compte'))
  await expect(on(coin, today, tx => ignoreLine(tx, first.lines[1]?.id ?? 0, ' '))).rejects.toMatchObject({ code: 'invalid' })
  expect(told((await importFile(coin, account, fees('2026-02-02'))).lines)).toEqual(['ignored - ignored', 'unmatched - -'])
  await coin.pool.query('DELETE FROM bank_rule WHERE member_id IS NULL')
  expect(told((await importFile(coin, quiet, fees('2026-02-03'))).lines)).toEqual(['ignored - out', 'unmatched - -'])
})

test('a return that a CAMT tells of reverses its direct debit; the words of a CSV never do', async () => {
  const gil = await member('Gil', 'Garcia')
  const invoice = await issue(gil, '36.50')
  await on(coin, '2026-01-02', tx =>
    tx.execute(
      sql`INSERT INTO payment (member_id, amount, received_on, method, reference) VALUES (${gil}, 36.5, '2026-01-02', 'direct_debit', 'E2E-0')`,
    ),
  )
  expect(await paidOf(invoice)).toBe('36.50')
  const [guessed, told53] = [await addAccount(coin, 'Guess'), await addAccount(coin, 'Returns', { iban: 'FR1420041010050500013M02606' })]
  const { lines } = await importFile(coin, guessed, csv([{ day: '2026-01-05', amount: '-36.50', label: 'REJET PRLV IMPAYE E2E-0' }]))
  expect(told(lines)).toEqual(['unmatched - -'])
  const file = await import('node:fs').then(fs => fs.readFileSync(new URL('../statement/fixtures/camt.053.001.02.xml', import.meta.url)))
  const shown = await preview(coin, told53, file, 'camt.xml')
  expect(told(shown.lines)).toContain('return Gil Garcia return')
  expect(await apply(coin, shown)).toBe('applied')
  expect(await paidOf(invoice)).toBe('0.00')
  const returned = shown.lines.find(({ outcome }) => outcome === 'return')
  expect(await lineOf(coin.database.db, returned?.id ?? 0)).toMatchObject({
    state: 'matched',
    payers: [{ memberId: gil, amount: '-36.50' }],
  })
})

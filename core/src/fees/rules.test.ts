import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordPayment } from '../payments/rules.ts'
import { addDonation, withdrawDonation } from './donation-rules.ts'
import { feesCoin } from './fixture.ts'
import { recordFee } from './record-fee.ts'
import { renewalsBefore, renewBefore } from './renewals.ts'
import { quorumOf, votingRoll } from './roll.ts'
import { rollCsv } from './roll-csv.ts'
import { addFee, changeFeeAmount, withdrawFee } from './rules.ts'

let it: Awaited<ReturnType<typeof feesCoin>>
beforeAll(async () => {
  it = await feesCoin()
})
afterAll(() => it.close())

const paidUp = (member: number, day: string, today = '2027-12-31') =>
  it.on(today, async tx => (await tx.execute<{ up: boolean }>(sql`SELECT coin.paid_up(${member}, ${day}) AS up`)).rows[0]?.up)
const owed = async (member: number) => (await it.ask('SELECT owed FROM member_balance WHERE member_id = $1', [member]))[0]?.owed ?? '0'
const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    caught => caught,
  )
  return String(error?.message)
}

describe('a fee', () => {
  test('lasts a year, both days included, and is a bill in its own series', async () => {
    const member = await it.member({ language: 'fr' })
    const { id, invoiceId } = await it.on('2026-03-05', tx => addFee(tx, { memberId: member }))
    const [row] = await it.ask(
      `SELECT during::text, f.amount, i.kind, i.state, i.number, i.due_on::text, i.total, l.description, l.explanation, l.period::text FROM membership_fee f
       JOIN invoice i ON i.id = f.invoice_id JOIN invoice_line l ON l.invoice_id = i.id WHERE f.id = $1`,
      [id],
    )
    expect(row).toEqual({
      during: '[2026-03-05,2027-03-05)',
      amount: '15.00',
      kind: 'fee',
      state: 'issued',
      number: 'C-2026-03-000001',
      due_on: '2026-04-04',
      total: '15.00',
      description: 'Cotisation, du 5\u00a0mars 2026 au 4\u00a0mars 2027'.replaceAll('\u00a0', ' '),
      explanation: 'Le montant que nous conseillons',
      period: '[2026-03-05,2027-03-05)',
    })
    expect(await owed(member)).toBe('15.00')
    expect(await paidUp(member, '2026-03-05')).toBe(false)
    await it.on('2026-03-20', tx => recordPayment(tx, { memberId: member, amount: '15', invoiceId }))
    expect(await owed(member)).toBe('0.00')
    expect(await paidUp(member, '2026-03-19')).toBe(false)
    for (const day of ['2026-03-20', '2027-03-04']) expect(await paidUp(member, day)).toBe(true)
    expect(await paidUp(member, '2027-03-05')).toBe(false)
    // the next one follows, though it is made early, and is not due before it begins
    const next = await it.on('2026-12-10', tx => addFee(tx, { memberId: member, amount: '20' }))
    expect(
      (
        await it.ask('SELECT during::text, due_on::text FROM membership_fee f JOIN invoice i ON i.id = invoice_id WHERE f.id = $1', [
          next.id,
        ])
      )[0],
    ).toEqual({
      during: '[2027-03-05,2028-03-05)',
      due_on: '2027-03-05',
    })
    // after the last call it begins today: nobody pays for time away
    await it.on('2026-12-10', tx => withdrawFee(tx, next.id))
    const late = await it.on('2027-06-01', tx => addFee(tx, { memberId: member }))
    expect((await it.ask('SELECT lower(during)::text AS first FROM membership_fee WHERE id = $1', [late.id]))[0].first).toBe('2027-06-01')
  })

  test('that was handed over in cash counts from that day, though its bill is written later', async () => {
    const member = await it.member({ joined_on: '2026-01-01' })
    await it.on('2027-06-04', tx =>
      recordFee(tx, { memberId: member, from: '2027-05-01', amount: '8.50', method: 'cash', receivedOn: '2027-05-29' }),
    )
    expect([await paidUp(member, '2027-05-28'), await paidUp(member, '2027-05-29')]).toEqual([false, true])
    expect(await owed(member)).toBe('0.00')
    expect(await refusal(it.on('2027-06-04', tx => recordFee(tx, { memberId: member, method: 'cash', receivedOn: '2027-06-05' })))).toMatch(
      'still to come',
    )
  })

  test('overlaps no other of the member, is not below the minimum, and is not removed', async () => {
    const member = await it.member()
    const { id } = await it.on('2027-06-04', tx => addFee(tx, { memberId: member, amount: '1' }))
    expect(await refusal(it.on('2027-06-04', tx => addFee(tx, { memberId: member, from: '2027-12-01' })))).toMatch(
      'some of these days already',
    )
    expect(await refusal(it.on('2027-06-04', tx => addFee(tx, { memberId: member, amount: '0.99' })))).toMatch('at least')
    expect(await refusal(it.on('2027-06-04', tx => addFee(tx, { memberId: member, from: '2029-01-02', until: '2029-01-01' })))).toMatch(
      'last day',
    )
    expect(await refusal(it.coin.pool.query('DELETE FROM membership_fee WHERE id = $1', [id]))).toMatch('withdrawn, not removed')
    expect(await refusal(it.coin.pool.query(`UPDATE membership_fee SET withdrawn_on = '2027-06-05' WHERE id = $1`, [id]))).toMatch(
      'credit note',
    )
    expect(await refusal(it.coin.pool.query(`UPDATE membership_fee SET during = '[2027-01-01,2029-01-01)' WHERE id = $1`, [id]))).toMatch(
      'it is withdrawn',
    )
    expect(await refusal(it.coin.pool.query('UPDATE membership_fee SET amount = 2 WHERE id = $1', [id]))).toMatch('another amount')
  })

  test('can have another amount until something is paid of it', async () => {
    const member = await it.member()
    const { id, invoiceId } = await it.on('2027-06-05', tx => addFee(tx, { memberId: member }))
    await it.on('2027-06-05', tx => changeFeeAmount(tx, id, '30'))
    expect(await owed(member)).toBe('30.00')
    const [row] = await it.ask(
      'SELECT f.amount, f.withdrawn_on, i.id::int, i.total FROM membership_fee f JOIN invoice i ON i.id = f.invoice_id WHERE f.id = $1',
      [id],
    )
    expect(row).toMatchObject({ amount: '30.00', withdrawn_on: null, total: '30.00' })
    expect(row.id).not.toBe(invoiceId)
    await it.on('2027-06-05', tx => recordPayment(tx, { memberId: member, amount: '10' }))
    expect(await refusal(it.on('2027-06-05', tx => changeFeeAmount(tx, id, '40')))).toMatch('Something was paid')
    expect(await paidUp(member, '2027-06-06')).toBe(false)
    await it.on('2027-06-05', tx => withdrawFee(tx, id))
    expect(await owed(member)).toBe('-10.00')
    // what was paid of it is there for the next one
    await it.on('2027-06-06', tx => addFee(tx, { memberId: member, amount: '10' }))
    expect([await owed(member), await paidUp(member, '2027-06-06')]).toEqual(['0.00', true])
  })

  test('that is given back after it was paid counted until then', async () => {
    const member = await it.member()
    const { id, invoiceId } = await it.on('2027-06-07', tx => addFee(tx, { memberId: member }))
    await it.on('2027-06-07', tx => recordPayment(tx, { memberId: member, amount: '15' }))
    expect(await refusal(it.on('2027-06-07', tx => withdrawFee(tx, id)))).toMatch('This fee is paid')
    const { makeCreditNote, issueInvoices } = await import('../billing/issue.ts')
    await it.on('2027-06-20', async tx => issueInvoices(tx, [await makeCreditNote(tx, invoiceId, 'all')]))
    expect(await Promise.all(['2027-06-19', '2027-06-20'].map(day => paidUp(member, day)))).toEqual([true, false])
    expect(await owed(member)).toBe('-15.00')
  })

  test('of many members is called for at once: shown, then made once, in as many statements', async () => {
    const members = [
      await it.member({ language: 'fr' }),
      await it.member(),
      await it.member({ resigned_on: '2027-12-31', joined_on: '2026-01-01' }),
    ]
    const ids = (await it.on('2027-06-21', tx => renewalsBefore(tx, '2027-07-01', members))).map(({ memberId, first, last, amount }) => [
      memberId,
      first,
      last,
      amount,
    ])
    expect(ids.sort()).toEqual(members.slice(0, 2).map(id => [id, '2027-06-21', '2028-06-20', '15']))
    const both = await Promise.all([1, 2].map(() => it.on('2027-06-21', tx => renewBefore(tx, '2027-07-01', members))))
    expect(both.map(made => made.length).sort()).toEqual([0, 2])
    expect(await it.on('2027-06-21', tx => renewBefore(tx, '2027-07-01', members))).toEqual([])
  })
})

test('whoever is paid up on a day has a fee of that day that was paid by then: as a model says, one by one and all at once', async () => {
  const day = (n: number) => Temporal.PlainDate.from('2027-07-01').add({ days: n }).toString()
  const history = fc.array(
    fc.record({
      gap: fc.integer({ min: 0, max: 60 }),
      length: fc.integer({ min: 1, max: 90 }),
      paid: fc.option(fc.integer({ min: -40, max: 120 })),
    }),
    { maxLength: 4 },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(history, { minLength: 6, maxLength: 6 }), fc.integer({ min: 0, max: 400 }), async (histories, asked) => {
      const members = await Promise.all(histories.map(() => it.member({ joined_on: '2026-01-01' })))
      const expected = await it.on('2027-06-30', async tx => {
        const all: boolean[] = []
        for (const [index, fees] of histories.entries()) {
          const memberId = members[index] as number
          let [start, up] = [0, false]
          for (const { gap, length, paid } of fees) {
            const [first, last] = [start + gap, start + gap + length - 1]
            start = last + 1
            const { invoiceId } = await addFee(tx, { memberId, from: day(first), until: day(last) })
            const on = paid === null ? undefined : first + paid
            // a fee that waits is paid by nothing else: each payment is exactly one fee
            if (on !== undefined) await recordPayment(tx, { memberId, amount: '15', invoiceId, receivedOn: day(on) })
            if (first <= asked && asked <= last && on !== undefined && on <= asked) up = true
          }
          all.push(up)
        }
        return all
      })
      const today = day(1000)
      const roll = await it.on(today, tx => votingRoll(tx, day(asked)))
      expect(members.map(id => roll.find(voter => voter.id === id)?.paidUp)).toEqual(expected)
      const one = await it.on(today, tx =>
        tx.execute<{ up: boolean }>(sql`
          SELECT coin.paid_up(id, ${day(asked)}) AS up FROM unnest(${sql.param(members)}::bigint[]) WITH ORDINALITY AS m (id, n) ORDER BY n`),
      )
      expect(one.rows.map(({ up }) => up)).toEqual(expected)
    }),
    { numRuns: 5 },
  )
})

describe('the voting roll', () => {
  test('names who was a member on the day, by last name, and writes a file that no spreadsheet works out', async () => {
    const date = '2026-05-01'
    const at = async (last_name: string, columns: Record<string, unknown>) =>
      it.member({ last_name, first_name: 'Xenia', joined_on: '2026-01-01', ...columns })
    await at('Zola', {})
    await at('=Ada"', { joined_on: '2026-05-01' })
    await at('Later', { joined_on: '2026-05-02' })
    await at('Left', { resigned_on: '2026-04-30', status: 'not_member' })
    const lastDay = await at('Left That Day', { resigned_on: '2026-05-01', status: 'not_member' })
    await at('Asked', { status: 'pending' })
    await at('Customer', { status: 'not_member' })
    await it.on('2026-04-01', tx => recordFee(tx, { memberId: lastDay, method: 'cheque' }))
    const roll = (await it.on('2026-06-01', tx => votingRoll(tx, date))).filter(({ name }) => name.startsWith('Xenia '))
    expect(roll.map(({ name, paidUp, until }) => [name, paidUp, until])).toEqual([
      ['Xenia =Ada"', false, null],
      ['Xenia Left That Day', true, '2027-03-31'],
      ['Xenia Zola', false, null],
    ])
    const file = await it.coin.asSystem('test', async () =>
      rollCsv(roll.map(voter => ({ ...voter, name: voter.name.replace('Xenia =', '=') }))),
    )
    expect(file.split('\r\n')).toEqual([
      '\ufeff"Name","Member since","Paid up","Until"',
      `"'=Ada""","2026-05-01","No",""`,
      '"Xenia Left That Day","2026-01-01","Yes","2027-03-31"',
      '"Xenia Zola","2026-01-01","No",""',
      '',
    ])
  })
  test('a quorum is rounded up', () => {
    expect([quorumOf(25, 137), quorumOf(50, 10), quorumOf(0, 10), quorumOf(100, 3), quorumOf(10, 30)]).toEqual([35, 5, 0, 3, 3])
  })
})

describe('a donation', () => {
  test('is a paid bill of its own series, and can be taken back', async () => {
    const member = await it.member()
    const id = await it.on('2030-06-21', tx => addDonation(tx, { memberId: member, amount: '50', givenOn: '2030-06-20', method: 'cash' }))
    const [row] = await it.ask(
      'SELECT i.number, i.kind, i.settled_on IS NOT NULL AS paid FROM donation d JOIN invoice i ON i.id = d.invoice_id WHERE d.id = $1',
      [id],
    )
    expect(row).toEqual({ number: 'D-2030-06-000001', kind: 'donation', paid: true })
    expect(await owed(member)).toBe('0.00')
    await it.on('2030-06-22', tx => withdrawDonation(tx, id))
    expect(await owed(member)).toBe('-50.00')
    expect((await it.ask('SELECT withdrawn_on::text AS day FROM donation WHERE id = $1', [id]))[0].day).toBe('2030-06-22')
    expect(await refusal(it.on('2030-06-22', tx => withdrawDonation(tx, id)))).toMatch('was withdrawn')
    expect(await refusal(it.on('2030-06-22', tx => addDonation(tx, { memberId: member, amount: '0' })))).toMatch('above zero')
  })
})

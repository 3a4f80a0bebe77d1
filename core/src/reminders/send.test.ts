import { sql } from 'drizzle-orm'

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker } from '../jobs/worker.ts'
import { recordPayment } from '../payments/rules.ts'
import { addSubscription } from '../testing/factories.ts'
import { until } from '../testing/until.ts'
import { among, debtors, everybody } from './due.ts'
import { datedCoin } from './fixture.ts'
import { startDue } from './jobs.ts'
import { digestOf } from './mail.ts'
import { pauseReminders } from './pause.ts'
import { sendByHand, sendDue, sendShown } from './send.ts'
import { liftPaid, proposedSuspensions, suspendProposed } from './suspensions.ts'

const identity = { iban: 'FR7630006000011234567890189', bic: 'AGRIFRPP' }
let it: Awaited<ReturnType<typeof datedCoin>>
beforeAll(async () => {
  it = await datedCoin({ provider: { name: 'Tetaneutral', identity } })
})
afterAll(() => it.close())

const due = async (day: string, ids: readonly number[]) => it.on(day, tx => debtors(tx, among(ids)))
const remind = async (day: string, ids: readonly number[]) => (await it.on(day, tx => sendDue(tx, ids))).map(({ memberId }) => memberId)
const mailsOf = (member: number) =>
  it.ask(`SELECT subject, body, language FROM coin.mail WHERE about_kind = 'member' AND about_id = $1 ORDER BY id`, [member])
const stagesOf = async (member: number) =>
  (await it.ask('SELECT sent_on::text AS day, stage FROM reminder WHERE member_id = $1 ORDER BY sent_on', [member])).map(
    ({ day, stage }) => [day, stage],
  )

test('the stages: one after the other, three weeks apart, however late the first is sent', async () => {
  const member = await it.member()
  await it.invoice(member, '30', '2031-01-01', { dueOn: '2031-01-31' })
  expect(await remind('2031-02-06', [member])).toEqual([])
  expect(await remind('2031-02-07', [member])).toEqual([member])
  expect(await remind('2031-02-07', [member])).toEqual([])
  // the second stage has come, the gap has not
  expect((await due('2031-02-27', [member]))[0]).toMatchObject({ spared: 'recent', stage: 2, again: '2031-02-28' })
  expect(await remind('2031-02-27', [member])).toEqual([])
  expect(await remind('2031-02-28', [member])).toEqual([member])
  expect(await remind('2031-06-01', [member])).toEqual([member])
  expect(await remind('2031-07-01', [member])).toEqual([member])
  expect(await stagesOf(member)).toEqual([
    ['2031-02-07', 1],
    ['2031-02-28', 2],
    ['2031-06-01', 3],
    ['2031-07-01', 3],
  ])
  const neverReminded = await it.member()
  await it.invoice(neverReminded, '30', '2031-01-01')
  expect((await due('2031-07-01', [neverReminded]))[0]).toMatchObject({ stage: 1, days: 181 })
})

test('one mail lists all that is overdue, in the member’s language, with how to pay; disputes, donations and refused calls are left out', async () => {
  const member = await it.member({ language: 'fr', first_name: 'Aïcha', fee_reminders: false })
  const subscriptionId = await addSubscription(it.coin, { member })
  const [{ reference }] = await it.ask('SELECT reference FROM subscription WHERE id = $1', [subscriptionId])
  const first = await it.invoice(member, '30', '2032-01-01', { subscriptionId })
  const second = await it.invoice(member, '12.5', '2032-02-01', { subscriptionId })
  const disputed = await it.invoice(member, '99', '2032-01-01')
  await it.invoice(member, '15', '2032-01-01', { kind: 'fee' })
  await it.invoice(member, '50', '2032-01-01', { kind: 'donation' })
  await it.invoice(member, '7', '2032-02-20', { dueOn: '2032-03-20' })
  await it.ask('UPDATE invoice SET disputed_on = $2 WHERE id = $1', [disputed, '2032-02-01'])
  expect(await remind('2032-02-20', [member])).toEqual([member])
  const [mail] = await mailsOf(member)
  expect(mail).toMatchObject({ language: 'fr', subject: '2 factures de Tetaneutral vous attendent' })
  const text = mail.body.replace(/[\u00a0\u202f]/g, ' ')
  const numbers = (await it.ask('SELECT number FROM invoice WHERE id = ANY ($1) ORDER BY id', [[first, second]])).map(
    ({ number }) => number,
  )
  for (const words of [
    'Bonjour Aïcha',
    `${numbers[0]} : 30,00 €, due le 1er janvier 2032`,
    '12,50 €',
    'IBAN : FR76 3000',
    'BIC : AGRIFRPP',
    `Référence : ${reference} ${numbers.join(' ')}`,
    'Montant : 42,50 €',
    '/money',
  ])
    expect(text).toContain(words)
  expect(text).not.toContain('99,00')
  const [reminder] = await it.ask(
    'SELECT r.mail_id IS NOT NULL AS mailed, recipient, (SELECT sum(due) FROM reminder_invoice WHERE reminder_id = r.id) AS due FROM reminder r WHERE member_id = $1',
    [member],
  )
  expect(reminder).toMatchObject({ mailed: true, due: '42.50' })
})

test('who has left is still asked; who pays in parts, owes little, or has money waiting is not', async () => {
  const [resigned, small, paused, covered] = [
    await it.member({ resigned_on: '2090-01-01' }),
    await it.member(),
    await it.member(),
    await it.member(),
  ]
  for (const [member, amount] of [
    [resigned, '20'],
    [small, '0.99'],
    [paused, '20'],
    [covered, '20'],
  ] as const)
    await it.invoice(member, amount, '2033-01-01')
  await it.on('2033-01-02', tx => pauseReminders(tx, paused, { until: '2033-02-10', reason: 'Pays in parts' }))
  await it.on('2033-01-02', tx => recordPayment(tx, { memberId: covered, amount: '20' }))
  // taken back by hand: what is owed and what is there do not meet
  await it.ask('DELETE FROM payment_allocation USING payment p WHERE p.id = from_payment AND p.member_id = $1', [covered])
  const ids = [resigned, small, paused, covered]
  expect((await due('2033-02-10', ids)).map(({ memberId, spared }) => [memberId, spared])).toEqual([
    [resigned, null],
    [small, 'small'],
    [paused, 'paused'],
    [covered, 'covered'],
  ])
  expect(await remind('2033-02-10', ids)).toEqual([resigned])
  expect(await remind('2033-02-11', ids)).toEqual([paused])
})

test('what was shown is what is sent: a payment, a new invoice or a dispute in between stops it', async () => {
  const [same, pays, partly, grows, moves] = [await it.member(), await it.member(), await it.member(), await it.member(), await it.member()]
  const ids = [same, pays, partly, grows, moves]
  for (const member of ids) await it.invoice(member, '30', '2034-01-01')
  const shown = new Map(
    (await due('2034-02-01', ids)).map(debtor => [debtor.memberId, it.coin.asSystem('test', async () => digestOf(debtor))]),
  )
  const digests = new Map(await Promise.all([...shown].map(async ([id, digest]) => [id, await digest] as const)))
  await it.on('2034-02-01', tx => recordPayment(tx, { memberId: pays, amount: '30' }))
  await it.on('2034-02-01', tx => recordPayment(tx, { memberId: partly, amount: '1' }))
  await it.invoice(grows, '5', '2034-01-02')
  await it.ask('UPDATE member SET email = $2 WHERE id = $1', [moves, 'elsewhere@example.org'])
  const { sent, changed } = await it.on('2034-02-01', tx => sendShown(tx, digests))
  expect([sent.map(({ memberId }) => memberId), changed]).toEqual([[same], [pays, partly, grows, moves]])
  expect(await mailsOf(pays)).toEqual([])
  const [mail] = await mailsOf(same)
  expect(mail.body).toContain('30.00')
})

test('two workers at once and a person send one reminder; psql cannot send another', async () => {
  const members = await Promise.all([1, 2, 3].map(() => it.member()))
  for (const member of members) await it.invoice(member, '30', '2035-01-01')
  const words = { subject: 'Hello', text: 'You owe us something.' }
  const all = await Promise.all([
    remind('2035-02-01', members),
    remind('2035-02-01', members),
    it.on('2035-02-01', tx => sendByHand(tx, members[0] as number, words)).then(debtor => (debtor ? [debtor.memberId] : [])),
  ])
  expect(new Set(all.flat())).toEqual(new Set(members))
  expect(all.flat()).toHaveLength(3)
  for (const member of members) expect(await mailsOf(member)).toHaveLength(1)
  await expect(
    it.ask(
      `INSERT INTO reminder (member_id, sent_on, quiet, recipient, subject, body, sent_by) VALUES ($1, '2035-02-21', '[2035-02-21,2035-03-01)', 'x', 'x', 'x', 'x')`,
      [members[0]],
    ),
  ).rejects.toThrow(/reminder_gap/)
})

test('a late fee is billed once per stage; a suspension waits for a person, or comes at once, and ends when all is paid', async () => {
  const own = await datedCoin({
    reminders: {
      stages: [
        { afterDays: 5, fee: '7.50' },
        { afterDays: 30, mail: 'last', suspend: 'automatic' },
      ],
      everyDays: 10,
      feeAccount: '758000',
    },
  })
  try {
    const member = await own.member()
    const subscriptionId = await addSubscription(own.coin, { member })
    const other = await addSubscription(own.coin, { member })
    const bill = await own.invoice(member, '30', '2036-01-01', { subscriptionId })
    const send = (day: string) => own.on(day, tx => sendDue(tx, [member]))
    await send('2036-01-10')
    await send('2036-01-20')
    const fees = await own.ask(
      `SELECT i.total, l.account, l.description FROM reminder r JOIN invoice i ON i.id = r.fee_invoice_id JOIN invoice_line l ON l.invoice_id = i.id`,
    )
    expect(fees).toEqual([{ total: '7.50', account: '758000', description: 'Late fee' }])
    expect((await own.ask('SELECT body FROM reminder ORDER BY id'))[0].body).toContain('This reminder costs €7.50')
    await send('2036-02-05')
    const suspended = () => own.ask('SELECT subscription_id::int AS id, during::text, reason FROM subscription_suspension')
    expect(await suspended()).toEqual([{ id: subscriptionId, during: '[2036-02-05,)', reason: 'Unpaid invoices, after a reminder' }])
    await own.ask(`INSERT INTO subscription_suspension (subscription_id, during, reason) VALUES ($1, '[2036-01-01,)', 'Travels')`, [other])
    expect(await own.on('2036-02-06', liftPaid)).toBe(0)
    await own.on('2036-02-09', tx => recordPayment(tx, { memberId: member, amount: '30', invoiceId: bill }))
    expect(await own.on('2036-02-09', liftPaid)).toBe(1)
    expect((await suspended()).map(({ during }) => during).sort()).toEqual(['[2036-01-01,)', '[2036-02-05,2036-02-09)'])
    expect(await own.on('2036-02-09', liftPaid)).toBe(0)
  } finally {
    await own.close()
  }
  const member = await it.member()
  const subscriptionId = await addSubscription(it.coin, { member })
  await it.invoice(member, '30', '2036-01-01', { subscriptionId })
  for (const day of ['2036-02-01', '2036-03-01', '2036-04-01']) await remind(day, [member])
  const proposed = await it.on('2036-04-01', tx => proposedSuspensions(tx, member))
  expect(proposed).toMatchObject([{ subscriptionId, sentOn: '2036-04-01', invoices: [{ due: '30.00' }] }])
  expect(await it.on('2036-04-02', tx => suspendProposed(tx, sql`w.id = ${proposed[0]?.id}`))).toBe(1)
  expect(await it.on('2036-04-02', tx => suspendProposed(tx, sql`w.id = ${proposed[0]?.id}`))).toBe(0)
  // somebody ends it by hand: it is over for the reminder too, and not made again for the same invoices
  await it.ask(`UPDATE subscription_suspension SET during = '[2036-04-02,2036-04-10)' WHERE subscription_id = $1`, [subscriptionId])
  expect(await it.ask('SELECT state FROM reminder_suspension WHERE subscription_id = $1', [subscriptionId])).toEqual([{ state: 'ended' }])
})

test('whatever happens, nobody gets two within the gap, nor one for what is paid', async () => {
  const own = await datedCoin({ reminders: { stages: [{ afterDays: 3 }, { afterDays: 20, mail: 'last' }], everyDays: 14, atLeast: '5' } })
  const event = fc.record({
    days: fc.integer({ min: 1, max: 12 }),
    who: fc.nat(3),
    what: fc.constantFrom('nothing', 'bill', 'bill', 'pays', 'pays some', 'by hand', 'dispute'),
  })
  let day = Temporal.PlainDate.from('2037-01-01')
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 15, maxLength: 25 }), async events => {
        const members = await Promise.all([0, 1, 2, 3].map(() => own.member()))
        for (const { days, who, what } of events) {
          day = day.add({ days })
          const now = day.toString()
          const memberId = members[who] as number
          const owed = async (id: number) =>
            Number(
              (
                await own.ask(
                  `SELECT coalesce(sum(total - allocated), 0) AS owed FROM invoice WHERE member_id = $1 AND due_on < $2 AND disputed_on IS NULL`,
                  [id, now],
                )
              )[0].owed,
            )
          if (what === 'bill') await own.invoice(memberId, '20', now)
          if (what === 'pays') await own.on(now, tx => recordPayment(tx, { memberId, amount: '20' }))
          if (what === 'pays some') await own.on(now, tx => recordPayment(tx, { memberId, amount: '3' }))
          if (what === 'dispute')
            await own.ask('UPDATE invoice SET disputed_on = $2 WHERE member_id = $1 AND allocated = 0', [memberId, now])
          if (what === 'by hand') await own.on(now, tx => sendByHand(tx, memberId, { subject: 'Hello', text: 'Hello' }))
          const wanted = await own.on(now, tx => debtors(tx, everybody))
          const sent = await own.on(now, tx => sendDue(tx, members))
          expect(sent.map(({ memberId }) => memberId)).toEqual(
            wanted.filter(({ spared, memberId }) => spared === null && members.includes(memberId)).map(({ memberId }) => memberId),
          )
          for (const { memberId: id } of sent) expect(await owed(id)).toBeGreaterThanOrEqual(5)
        }
        const close = await own.ask(`
          SELECT * FROM (SELECT sent_on - lag(sent_on) OVER (PARTITION BY member_id ORDER BY sent_on, id) AS gap, stage,
            lag(stage) OVER (PARTITION BY member_id ORDER BY sent_on, id) AS before FROM reminder) r WHERE gap < 14`)
        expect(close).toEqual([])
        day = day.add({ days: 40 })
      }),
      { numRuns: 2 },
    )
  } finally {
    await own.close()
  }
})

test('reminders go out by themselves when a schedule says so, once, and never without one', async () => {
  const own = await datedCoin({ reminders: { schedule: '* * * * *', stages: [{ afterDays: 1 }] } })
  try {
    const looked = `INSERT INTO reminder_schedule VALUES (true, now() - interval '2 minutes') ON CONFLICT (only_one) DO UPDATE SET looked_until = excluded.looked_until`
    const waiting = async (coin: typeof own) =>
      (await coin.ask(`SELECT count(*)::int FROM graphile_worker.jobs WHERE task_identifier = 'reminders:send_due'`))[0].count
    await it.ask(looked)
    await it.on('2038-03-01', startDue)
    expect(await waiting(it)).toBe(0)

    for (const member of [await own.member(), await own.member()]) await own.invoice(member, '30', '2020-01-01')
    await own.ask(looked)
    for (let times = 0; times < 2; times++) await own.on('2020-03-01', startDue)
    expect(await waiting(own)).toBe(1)
    const worker = await startWorker(own.coin, { log: { info: () => {}, warn: () => {} } })
    try {
      await until(async () => (await own.ask('SELECT count(*)::int FROM reminder'))[0].count === 2)
    } finally {
      await worker.stop()
    }
  } finally {
    await own.close()
  }
})

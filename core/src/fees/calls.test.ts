import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { dueCalls, sendCalls, sendDueCalls } from './calls.ts'
import { feesCoin } from './fixture.ts'
import { recordFee } from './record-fee.ts'
import { addFee } from './rules.ts'

const identity = { iban: 'FR7630006000011234567890189', bic: 'AGRIFRPP' }
let it: Awaited<ReturnType<typeof feesCoin>>
beforeAll(async () => {
  it = await feesCoin({}, { identity })
})
afterAll(() => it.close())

/** A member whose fee of a year ends on `ends`. */
const paidUntil = async (ends: string, columns: Record<string, unknown> = {}) => {
  const memberId = await it.member({ joined_on: '2020-01-01', ...columns })
  const from = Temporal.PlainDate.from(ends).subtract({ years: 1 }).add({ days: 1 }).toString()
  await it.on(from, tx => recordFee(tx, { memberId, from, until: ends, method: 'cash' }))
  return memberId
}
const remindersOf = (member: number) =>
  it.ask('SELECT sent_on::text AS day, months FROM fee_reminder WHERE member_id = $1 ORDER BY sent_on', [member])
const mailsTo = (member: number) =>
  it.ask('SELECT subject, body, language FROM coin.mail WHERE about_kind = $2 AND about_id = $1 ORDER BY id', [member, 'member'])
const send = async (day: string) => (await it.on(day, sendDueCalls)).map(({ id }) => id)

test('the calendar: months around the end, three weeks apart, and after a pause one mail and not five', async () => {
  const member = await paidUntil('2031-05-31')
  expect(await send('2031-02-27')).toEqual([])
  expect((await it.on('2031-02-28', dueCalls)).map(({ id }) => id)).toEqual([member])
  expect(await send('2031-02-28')).toEqual([member])
  expect(await send('2031-02-28')).toEqual([])
  // the site was down from March to the middle of June
  expect(await send('2031-06-15')).toEqual([member])
  // one month after the end is not three weeks after the last mail
  expect(await send('2031-06-30')).toEqual([])
  expect(await send('2031-07-05')).toEqual([])
  expect(await send('2031-07-06')).toEqual([member])
  expect(await send('2031-09-30')).toEqual([])
  expect(await remindersOf(member)).toEqual([
    { day: '2031-02-28', months: -3 },
    { day: '2031-06-15', months: 0 },
    { day: '2031-07-06', months: 1 },
  ])
  // years later nobody writes to who left without a word
  expect(await send('2033-06-30')).toEqual([])
})

test('those who must not be called are not, by hand either', async () => {
  const spared = [
    await paidUntil('2034-05-31', { fee_reminders: false }),
    await paidUntil('2034-05-31', { resigned_on: '2035-01-01' }),
    await paidUntil('2034-05-31', { status: 'not_member' }),
    await paidUntil('2034-05-31', { status: 'pending' }),
  ]
  const [renewed, never] = [await paidUntil('2034-05-31'), await it.member()]
  await it.on('2034-05-01', tx => recordFee(tx, { memberId: renewed, method: 'transfer' }))
  expect(await send('2034-05-31')).toEqual([])
  expect((await it.on('2034-05-31', tx => sendCalls(tx, [...spared, never]))).map(({ id }) => id)).toEqual([never])
  // the one sent by hand counts for the gap, also for the next one by hand
  expect(await it.on('2034-06-20', tx => sendCalls(tx, [never]))).toEqual([])
  expect((await it.on('2034-06-21', tx => sendCalls(tx, [never]))).length).toBe(1)
})

test('two workers at once send one mail, and so do a worker and a person', async () => {
  const members = await Promise.all([1, 2, 3].map(() => paidUntil('2036-05-31')))
  const both = await Promise.all([send('2036-05-31'), send('2036-05-31'), it.on('2036-05-31', tx => sendCalls(tx, members))])
  expect(both.flat().length).toBe(3)
  for (const member of members) expect((await mailsTo(member)).length).toBe(1)
})

test('the job sends unless the settings say no, and the commands say first what they would do', async () => {
  const log = { info: () => {}, warn: () => {} }
  const runJob = async (tx: Tx) =>
    it.coin.registry.jobs.get('fees:call_for_fees')?.job.run({}, { tx, log, signal: AbortSignal.timeout(60_000) })
  const command = async (name: string, options: Record<string, string | boolean>, day: string) => {
    const found = it.coin.registry.commands.find(each => each.app === 'fees' && each.name === name)
    return it.on(day, async tx => found?.command.run({ arguments: {}, options }, tx))
  }
  const member = await paidUntil('2036-11-30')
  expect(await command('remind', { dryRun: true }, '2036-11-30')).toMatchObject([{ memberId: member, until: '2036-11-30' }])
  expect(await mailsTo(member)).toEqual([])
  await it.on('2036-11-30', runJob)
  expect((await mailsTo(member)).length).toBe(1)
  expect(await command('remind', {}, '2036-11-30')).toEqual([])

  const bills = () => it.ask('SELECT count(*)::int AS n FROM membership_fee WHERE member_id = $1', [member])
  expect(await command('call', { until: '2036-12-31', dryRun: true }, '2036-11-30')).toEqual(
    expect.arrayContaining([expect.objectContaining({ memberId: member, first: '2036-12-01' })]),
  )
  expect(await bills()).toEqual([{ n: 1 }])
  await command('call', { until: '2036-12-31' }, '2036-11-30')
  await command('call', { until: '2036-12-31' }, '2036-11-30')
  expect(await bills()).toEqual([{ n: 2 }])
  const roll = await command('roll', { date: '30/11/2036', paidUp: true }, '2036-12-15')
  expect(roll).toEqual(expect.arrayContaining([expect.objectContaining({ id: member, paidUp: true, until: '2036-11-30' })]))
  await expect(command('roll', { date: '2036-02-30' }, '2036-12-15')).rejects.toThrow('days')

  const { registry } = it.coin
  const silent = { ...registry, config: { ...registry.config, fees: { ...registry.config.fees, calls: false } } }
  const later = await paidUntil('2037-01-15')
  await it.on('2037-01-15', tx => withinScope({ registry: silent }, () => runJob(tx)))
  expect(await mailsTo(later)).toEqual([])
})

test('the mail says until when, how much and how to pay, in the language of its reader', async () => {
  const fr = await paidUntil('2037-05-31', { language: 'fr', first_name: 'Aïcha' })
  const billed = await paidUntil('2037-05-31', { nickname: 'Bob' })
  await it.on('2037-05-30', tx => addFee(tx, { memberId: billed, amount: '20' }))
  await send('2037-05-31')
  const [[french], [english]] = [await mailsTo(fr), await mailsTo(billed)]
  expect(french).toMatchObject({ language: 'fr', subject: 'Votre cotisation à Comète est à jour jusqu’au 31 mai 2037' })
  for (const words of [
    'Bonjour Aïcha',
    'renouvelez-la',
    'à partir de 1,00\u00a0€\u202f; nous conseillons 15,00\u00a0€ pour 12 mois',
    '/membership',
    'FR76 3000 6000',
  ])
    expect(french?.body).toContain(words)
  expect(english).toMatchObject({ language: 'en', subject: 'Your membership of Comète is paid until 31 May 2037' })
  for (const words of ['Hello Bob,', '€20.00. Pay it here:', 'Reference: C-2037-05-']) expect(english?.body).toContain(words)
  const [{ id } = { id: 0 }] = await it.ask('SELECT invoice_id::int AS id FROM membership_fee WHERE member_id = $1 ORDER BY id DESC', [
    billed,
  ])
  expect(english?.body).toContain(`/money/${id}/pay`)
})

test('the calls of many cost as many statements as those of one', async () => {
  const members = await Promise.all([1, 2, 3, 4].map(() => paidUntil('2039-05-31')))
  const count = async (day: string) => {
    let statements = 0
    const sent = await it.on(day, async tx => {
      const { execute } = tx
      tx.execute = ((...given: Parameters<typeof execute>) => {
        statements++
        return execute.apply(tx, given)
      }) as typeof execute
      return sendDueCalls(tx)
    })
    return { statements, sent: sent.length }
  }
  await it.ask('UPDATE member SET fee_reminders = false WHERE id = ANY ($1)', [members.slice(1)])
  const one = await count('2039-02-28')
  await it.ask('UPDATE member SET fee_reminders = true WHERE id = ANY ($1)', [members])
  const many = await count('2039-05-31')
  expect([one.sent, many.sent, many.statements]).toEqual([1, 4, one.statements])
})

test('over the years, whatever happens: never within the gap, once per month of the calendar, nobody who may not be called', async () => {
  const event = fc.record({
    days: fc.integer({ min: 1, max: 45 }),
    who: fc.nat(4),
    what: fc.constantFrom('nothing', 'nothing', 'pays', 'pays', 'opts out', 'opts in', 'resigns', 'comes back', 'by hand'),
  })
  let start = Temporal.PlainDate.from('2050-01-01')
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 40 }), async events => {
      // those of earlier runs are out of it
      await it.ask('UPDATE member SET fee_reminders = false')
      const members = await Promise.all([0, 1, 2, 3, 4].map(() => it.member({ joined_on: '2020-01-01' })))
      const allowed = new Map(members.map(id => [id, { wants: true, stays: true }]))
      const log: { member: number; day: Temporal.PlainDate; by: string; may: boolean }[] = []
      let day = start
      for (const { days, who, what } of events) {
        day = day.add({ days })
        const id = members[who] as number
        const state = allowed.get(id) as { wants: boolean; stays: boolean }
        const now = day.toString()
        const set = (text: string) => it.ask(`UPDATE member SET ${text} WHERE id = $1`, [id])
        if (what === 'pays' && state.stays) await it.on(now, tx => recordFee(tx, { memberId: id, method: 'cash' }))
        if (what === 'opts out' || what === 'opts in') {
          state.wants = what === 'opts in'
          await set(`fee_reminders = ${state.wants}`)
        }
        if (what === 'resigns' || what === 'comes back') {
          state.stays = what === 'comes back'
          await set(state.stays ? 'resigned_on = NULL' : `resigned_on = '${now}'`)
        }
        const sent = what === 'by hand' ? await it.on(now, tx => sendCalls(tx, [id])) : []
        for (const called of [...sent, ...(await it.on(now, sendDueCalls))]) {
          const { wants, stays } = allowed.get(called.id) as { wants: boolean; stays: boolean }
          log.push({ member: called.id, day, by: what, may: wants && stays })
        }
      }
      start = day
      expect(log.filter(({ may }) => !may)).toEqual([])
      for (const id of members) {
        const mine = log.filter(({ member }) => member === id)
        for (const [index, { day: at }] of mine.entries())
          expect(index === 0 || (mine[index - 1] as { day: Temporal.PlainDate }).day.until(at, { largestUnit: 'days' }).days >= 21).toBe(
            true,
          )
      }
      // against the calendar, worked out apart: each call is the last month of the calendar that had come, of the last fee then paid
      const { rows } = await it.on(day.toString(), tx =>
        tx.execute<{ sent: string; months: number; ends: string; newer: boolean; times: number }>(sql`
            SELECT r.sent_on AS sent, r.months, upper(f.during) - 1 AS ends, count(*) OVER (PARTITION BY r.fee_id, r.months)::int AS times,
              EXISTS (SELECT FROM membership_fee g JOIN invoice i ON i.id = g.invoice_id WHERE g.member_id = f.member_id AND g.during >> f.during AND i.issued_on < r.sent_on) AS newer
            FROM fee_reminder r JOIN membership_fee f ON f.id = r.fee_id WHERE r.months IS NOT NULL AND r.member_id = ANY (${sql.param(members)}::bigint[])`),
      )
      for (const { sent, months, ends, newer, times } of rows) {
        const come = [-3, -2, -1, 0, 1].filter(m => Temporal.PlainDate.compare(Temporal.PlainDate.from(ends).add({ months: m }), sent) <= 0)
        expect({ months, newer, times }).toEqual({ months: come.at(-1), newer: false, times: 1 })
      }
    }),
    { numRuns: 3 },
  )
})

import { t } from '../app/i18n.ts'
import type { Command } from '../app/job.ts'
import type { Tx } from '../db/database.ts'
import { invalid } from '../errors.ts'
import { parseDate } from '../ui/index.ts'
import { dueCalls, sendDueCalls } from './calls.ts'
import { today } from './periods.ts'
import { renewalsBefore, renewBefore } from './renewals.ts'
import { votingRoll } from './roll.ts'

const roll: Command = {
  summary: 'who may vote on a day: members, and whether they are paid up',
  options: { date: 'the day, today unless given <day>', paidUp: 'only those who are paid up' },
  async run({ options }, tx) {
    const date = await dayIn(options.date, 'date', tx)
    return (await votingRoll(tx, date)).filter(({ paidUp }) => paidUp || !options.paidUp)
  },
}

const call: Command = {
  summary: 'bill the next fee to members whose fee ends before a day',
  options: { until: 'the day, today unless given <day>', dryRun: 'say whom it would bill, and bill nobody' },
  async run({ options }, tx) {
    const until = await dayIn(options.until, 'until', tx)
    const renewals = await renewalsBefore(tx, until)
    if (options.dryRun) return renewals
    await renewBefore(
      tx,
      until,
      renewals.map(({ memberId }) => memberId),
    )
    return renewals
  },
}

const remind: Command = {
  summary: 'mail the calls for the fee that are due today, as the daily job does',
  options: { dryRun: 'say who would get one, and send none' },
  async run({ options }, tx) {
    const called = await (options.dryRun ? dueCalls(tx) : sendDueCalls(tx))
    return called.map(({ id, name, email, until }) => ({ memberId: id, name, email, until }))
  },
}

/** `coin fees …` */
export const commands = { roll, call, remind }

async function dayIn(typed: string | boolean | undefined, field: string, tx: Tx): Promise<string> {
  if (typeof typed !== 'string') return today(tx)
  const date = parseDate(typed)
  if (!date.ok) throw invalid(field, t(date.message, date.values))
  return date.value
}

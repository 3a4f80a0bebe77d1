import type { Command } from '../app/job.ts'
import { type Debtor, debtors, everybody } from './due.ts'
import { feeOf } from './mail.ts'
import { sendDue } from './send.ts'

const preview: Command = {
  summary: 'who would be reminded now, of what, and who is spared and why; sends nothing',
  run: async (_input, tx) => ({ reminders: (await debtors(tx, everybody)).map(told) }),
}

const send: Command = {
  summary: 'send the reminders that are due now',
  options: { member: 'only to this member <id>' },
  async run({ options }, tx) {
    const only = typeof options.member === 'string' ? Number(options.member) : undefined
    const due = (await debtors(tx, everybody)).filter(
      ({ memberId, spared }) => spared === null && (only === undefined || memberId === only),
    )
    const sent = await sendDue(
      tx,
      due.map(({ memberId }) => memberId),
    )
    return { sent: sent.map(told) }
  },
}

/** `coin reminders …` */
export const commands = { preview, send }

const told = (debtor: Debtor) => ({
  memberId: debtor.memberId,
  name: debtor.name,
  email: debtor.email,
  stage: debtor.stage,
  days: debtor.days,
  overdue: debtor.totals,
  invoices: debtor.invoices.map(({ number }) => number),
  lateFee: feeOf(debtor) ?? null,
  suspends: debtor.suspends.map(({ reference }) => reference),
  spared: debtor.spared,
  last: debtor.last,
  again: debtor.again,
})

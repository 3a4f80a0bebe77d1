import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { sendMails } from '../system/mail.ts'
import { callMail } from './call-mail.ts'
import { amongMembers, type Called, calledMembers, dueNow, markChosen, markDue } from './call-recipients.ts'
import { today } from './periods.ts'

/** Mails the calls that are due today by the calendar of the settings. Returns who got one. */
export async function sendDueCalls(tx: Tx): Promise<readonly Called[]> {
  const { reminderMonths, reminderGapDays } = currentScope().registry.config.fees
  return mailTo(tx, await markDue(tx, reminderMonths, reminderGapDays, currentScope().actor.label))
}

/** Who would get one now. */
export async function dueCalls(db: Tx): Promise<readonly Called[]> {
  const ids = await dueNow(db, currentScope().registry.config.fees.reminderMonths)
  return ids.length === 0 ? [] : calledMembers(db, amongMembers(ids))
}

/** Mails a call to each of these members, except those who may get none today. Returns who got one. */
export async function sendCalls(tx: Tx, ids: readonly number[]): Promise<readonly Called[]> {
  const { reminderGapDays } = currentScope().registry.config.fees
  return mailTo(tx, await markChosen(tx, ids, reminderGapDays, currentScope().actor.label))
}

async function mailTo(tx: Tx, ids: readonly number[]): Promise<readonly Called[]> {
  if (ids.length === 0) return []
  const [called, day] = [await calledMembers(tx, amongMembers(ids)), await today(tx)]
  await sendMails(
    tx,
    called.map(member => callMail(member, day)),
  )
  return called
}

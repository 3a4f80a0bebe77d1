import type { ConstraintMessages } from '../db/errors.ts'

/** What the tables of reminders refuse, in words. */
export const constraints: ConstraintMessages = {
  reminder_gap: { message: 'This member was reminded a few days ago.' },
  reminder_member: { field: 'memberId', message: 'This member was reminded of invoices and is kept, for the books.' },
  reminder_pause_member: { message: 'This member does not exist.' },
  reminder_pause_reason: { field: 'reason', message: 'Say why, for those who come after you.' },
  reminder_pause_finite: { field: 'until', message: 'Give a date of the calendar.' },
}

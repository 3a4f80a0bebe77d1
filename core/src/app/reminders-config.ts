import * as z from 'zod'
import { isCron } from './cron.ts'

const amount = z.string().regex(/^\d{1,10}(\.\d{1,2})?$/, 'is not an amount such as 5 or 7.50, in quotes')

const stageSchema = z.strictObject({
  /** Days after the due date of the oldest unpaid invoice. */
  afterDays: z.number().int().min(1).max(3650),
  /** How the mail speaks. */
  mail: z.enum(['friendly', 'firm', 'last']).default('friendly'),
  /** What reaching this stage costs the member, billed apart. */
  fee: amount.default('0'),
  /** Whether the subscriptions that are not paid are suspended: at once, after a person has agreed, or not at all. */
  suspend: z.union([z.enum(['propose', 'automatic']), z.literal(false)]).default(false),
})

/** When members are reminded of what they have not paid, and what follows. */
export const remindersSchema = z.strictObject({
  /** From the first to the last; a member goes from one to the next, however late the first was sent. */
  stages: z
    .array(stageSchema)
    .min(1, 'needs one stage at least')
    .refine(
      stages => stages.every(({ afterDays }, index) => index === 0 || afterDays > (stages[index - 1]?.afterDays ?? 0)),
      'each stage is later than the one before it',
    )
    .prefault([
      { afterDays: 7, mail: 'friendly' },
      { afterDays: 21, mail: 'firm' },
      { afterDays: 45, mail: 'last', suspend: 'propose' },
    ]),
  /** No member gets two reminders within as many days, whoever sends them. */
  everyDays: z.number().int().min(1).max(365).default(21),
  /** Nobody is reminded of less. */
  atLeast: amount.default('1'),
  /** When reminders go out by themselves: cron, five fields, in the provider's time zone; `false`: a person looks at them and sends them. */
  schedule: z.union([z.string().refine(isCron, 'is not a cron line such as 0 9 * * 2, nor false'), z.literal(false)]).default(false),
  /** Whether a suspension that a reminder made ends when what it was for is paid. */
  liftWhenPaid: z.boolean().default(true),
  /** Where late fees are booked; `''` for the account of sales. */
  feeAccount: z.string().default(''),
})
export type ReminderStage = z.output<typeof stageSchema>

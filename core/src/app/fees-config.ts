import * as z from 'zod'

const amount = z.string().regex(/^\d{1,10}(\.\d{1,2})?$/, 'is not an amount such as 15 or 12.50, in quotes')

/** What members pay to be members, when they are reminded, and what donors read. */
export const feesSchema = z
  .strictObject({
    /** What is advised, and asked for unless somebody chooses another amount. */
    amount: amount.default('15'),
    /** What a member who chooses the amount pays at least. */
    minimum: amount.default('1'),
    /** How long a fee lasts. */
    months: z.number().int().min(1).max(120).default(12),
    /** Whether calls for the fee are mailed by themselves. */
    calls: z.boolean().default(true),
    /** When, in months from the last day paid for: before it, on it, after it. */
    reminderMonths: z.array(z.number().int().min(-24).max(24)).default([-3, -2, -1, 0, 1]),
    /** No member gets two calls within as many days, whoever sends them. */
    reminderGapDays: z.number().int().min(0).max(365).default(21),
    /** Printed on the receipt of a donation: the law that lets donors take it off their taxes, if one does. */
    donationMention: z.string().default(''),
  })
  .refine(fees => Number(fees.minimum) <= Number(fees.amount), { path: ['minimum'], error: 'is above the amount that is advised' })

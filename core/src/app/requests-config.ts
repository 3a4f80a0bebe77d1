import * as z from 'zod'
import { editableSchema } from './members-config.ts'

/** A text for each language; who reads another one gets the provider’s. */
const texts = z.record(z.string().regex(/^[a-z]{2}$/, 'is not the code of a language such as fr'), z.string().min(1))

/** Who becomes a member, and what members change by themselves. */
export const membersSchema = z.strictObject({
  /** Whether anybody may ask to become one, on `/sign-up`. Staff accept or refuse. */
  signUp: z.enum(['closed', 'open']).default('closed'),
  /** Which of their details members change themselves; all that can be, unless given. Of the others they ask staff. */
  editable: editableSchema,
})

/** What people may ask for by themselves, and who hears of it. */
export const requestsSchema = z.strictObject({
  /** What stands above the form of who wants to join, by language. */
  intro: texts.default({}),
  /** Where what one agrees to when joining can be read, such as the statutes: an address, or one for each language. */
  terms: z.union([z.url(), z.record(z.string().regex(/^[a-z]{2}$/, 'is not the code of a language such as fr'), z.url())]).optional(),
  /** How many days from today the end of a subscription is at least that members ask for. */
  endNoticeDays: z.number().int().min(0).max(366).default(10),
  /** How staff hear of requests: a mail for `each`, one a day, or `none`. */
  tell: z.enum(['each', 'daily', 'none']).default('each'),
  /** Who is told; everybody who may answer all of them unless given. */
  tellTo: z.array(z.email()).optional(),
  /** Months that the request of somebody who did not become a member is kept. */
  keepRefusedMonths: z.number().int().min(0).max(120).default(12),
})

import * as z from 'zod'
import { accountingSchema } from './accounting-config.ts'
import { accountsSchema } from './accounts-config.ts'
import type { App } from './app.ts'
import { billingSchema, identitySchema } from './billing-config.ts'
import { isCron } from './cron.ts'
import { feesSchema } from './fees-config.ts'
import { lookSchema } from './look-config.ts'
import { paymentsSchema } from './payments-config.ts'
import { remindersSchema } from './reminders-config.ts'
import { membersSchema, requestsSchema } from './requests-config.ts'

/** The provider itself, and how this deployment behaves. */
export const providerSchema = z.strictObject({
  /** Shown in the head of every page and in mails. */
  name: z.string().min(1).default('Coin'),
  /** IANA name; business dates change at its midnight. */
  timeZone: z.string().refine(isTimeZone, 'is not an IANA time zone such as Europe/Paris').default('Europe/Paris'),
  /** ISO 4217. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'is not an ISO 4217 code such as EUR')
    .default('EUR'),
  /** ISO 3166-1 alpha-2, for new members. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'is not an ISO 3166 code such as FR')
    .default('FR'),
  /** The language of pages for those who said nothing. */
  language: z.enum(['en', 'fr']).default('en'),
  /** `{{number}}` is the subscription's number. */
  subscriptionReference: z.string().includes('{{number}}').default('SUB-{{number}}'),
  /** Years that the history of addresses is kept. */
  addressHistoryMonths: z.number().int().min(0).default(12),
  /** Days that freed addresses rest, for pools that do not say. */
  quarantineDays: z.number().int().min(0).default(90),
  /** Who it is on invoices and in bank files. */
  identity: identitySchema.prefault({}),
  /** Its colour and its logo. */
  look: lookSchema.prefault({}),
})
export type Provider = z.output<typeof providerSchema>

/** How a backend is looked after. */
const careSchema = z.strictObject({
  /** When the whole target is compared with what should be there: cron, five fields, in the provider's time zone; `false` for never. */
  sweep: z.union([z.string().refine(isCron, 'is not a cron line such as 23 3 * * *, nor false'), z.literal(false)]).default('23 3 * * *'),
  /** What a sweep puts right: `all`, what is known to belong to a `configuration` (orphans wait for a person), or `none`. */
  heal: z.enum(['all', 'configurations', 'none']).default('configurations'),
  /** A sweep that would remove more than this share of what is there stops and asks. */
  removeShare: z.number().min(0).max(1).default(0.1),
  /** Seconds without an answer after which a call has failed. */
  patience: z.number().min(0.1).max(600).default(20),
})
export type Care = z.output<typeof careSchema>

const provisioningSchema = careSchema.extend({
  /** What fails for longer is told by mail, in minutes. */
  alertAfter: z.number().min(0).default(15),
  /** Who is told; the administrators unless given. */
  alertTo: z.array(z.email()).optional(),
  /** What is different for one backend, by its name. */
  backends: z.record(z.string(), careSchema.partial()).default({}),
})

const configSchema = z.strictObject({
  provider: providerSchema.prefault({}),
  provisioning: provisioningSchema.prefault({}),
  accounts: accountsSchema.prefault({}),
  billing: billingSchema.prefault({}),
  payments: paymentsSchema.prefault({}),
  fees: feesSchema.prefault({}),
  reminders: remindersSchema.prefault({}),
  accounting: accountingSchema.prefault({}),
  members: membersSchema.prefault({}),
  requests: requestsSchema.prefault({}),
  /** Under what path the site is served; `''` for its root. */
  basePath: z
    .string()
    .regex(/^(\/[a-z0-9_-]+)*$/, 'is not a path such as /coin')
    .default(''),
  apps: z.array(z.custom<App>()),
})
export type ConfigInput = z.input<typeof configSchema>

export interface Config extends z.output<typeof configSchema> {
  /** What is wrong with it; the registry reports it with everything else. */
  readonly problems: readonly string[]
}

/** The deployment: provider, settings and apps. What is wrong is reported at boot, all at once. */
export function defineConfig(input: ConfigInput): Config {
  const parsed = configSchema.safeParse(input)
  if (parsed.success) return Object.freeze({ ...parsed.data, problems: [] })
  const problems = parsed.error.issues.map(issue => `${issue.path.map(String).join('.') || 'the configuration'}: ${issue.message}`)
  const apps = Array.isArray(input?.apps) ? input.apps : []
  return Object.freeze({ ...configSchema.parse({ apps: [] }), apps, problems })
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

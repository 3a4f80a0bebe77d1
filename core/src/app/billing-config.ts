import { existsSync } from 'node:fs'
import * as z from 'zod'
import { isCreditorId } from './creditor-id.ts'
import { isCron } from './cron.ts'

const numberPattern = z
  .string()
  .refine(
    text => ['{{year}}', '{{month}}', '{{number}}'].every(part => text.includes(part)),
    'needs {{year}}, {{month}} and {{number}}: numbers begin again each month',
  )

/** A path, from where the process is started. */
const existingFile = z.string().refine(path => existsSync(path), 'names a file that does not exist')

/** How subscriptions are billed, and what invoices look like. */
export const billingSchema = z.strictObject({
  /** When a run bills the month that begins: cron, five fields, in the provider's time zone; `false` for by hand only. */
  schedule: z.union([z.string().refine(isCron, 'is not a cron line such as 0 2 1 * *, nor false'), z.literal(false)]).default('0 2 1 * *'),
  /** Whether the scheduled run issues its invoices. Otherwise its drafts wait for a person. */
  issue: z.boolean().default(false),
  /** Whether days of suspension are not billed. */
  suspensionStopsBilling: z.boolean().default(false),
  /** Days from issue until an invoice is due. */
  paymentDays: z.number().int().min(0).max(365).default(30),
  /** How numbers look. Six digits at least stand for `{{number}}`, which begins at one each month. */
  numbers: z
    .strictObject({
      invoice: numberPattern.default('{{year}}-{{month}}-{{number}}'),
      fee: numberPattern.default('C-{{year}}-{{month}}-{{number}}'),
      donation: numberPattern.default('D-{{year}}-{{month}}-{{number}}'),
    })
    .prefault({}),
  /** Printed under lines without VAT, when the offer says nothing: the law that exempts the provider. */
  vatMention: z.string().default('TVA non applicable, article 293 B du CGI'),
  /** What comes with an invoice. */
  document: z
    .strictObject({
      /** A PDF, or one that carries its data as EN 16931 XML (Factur-X). */
      format: z.enum(['pdf', 'factur-x']).default('pdf'),
      /** The data alone, as files of their own beside the PDF. */
      attach: z.array(z.enum(['cii', 'ubl'])).default([]),
      /** A Typst template instead of Coin's own. */
      template: existingFile.optional(),
      /** An SVG or PNG for its head. */
      logo: existingFile.optional(),
      /** Whether members get their invoices by mail. */
      mail: z.boolean().default(true),
    })
    .prefault({}),
})
export type BillingConfig = z.output<typeof billingSchema>

/** Who the provider is, on invoices and in bank files. */
export const identitySchema = z.strictObject({
  /** The legal name, when it is not the one in the pages' head. */
  name: z.string().optional(),
  /** `Association loi 1901`, and what else the law wants on an invoice. */
  legalForm: z.string().default(''),
  street: z.string().default(''),
  postalCode: z.string().default(''),
  city: z.string().default(''),
  /** ISO 3166-1; the provider's `country` unless given. */
  country: z.string().optional(),
  siren: z
    .string()
    .regex(/^\d{9}$/, 'is not nine digits')
    .optional(),
  siret: z
    .string()
    .regex(/^\d{14}$/, 'is not fourteen digits')
    .optional(),
  vatId: z.string().optional(),
  email: z.string().default(''),
  phone: z.string().default(''),
  website: z.string().default(''),
  /** Where members pay to. */
  iban: z.string().optional(),
  bic: z.string().optional(),
  /** The SEPA creditor identifier (ICS), for direct debits. */
  creditorId: z.string().refine(isCreditorId, 'is no SEPA creditor identifier: a character is wrong or missing').optional(),
})
export type Identity = z.output<typeof identitySchema>

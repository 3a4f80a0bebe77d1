import * as z from 'zod'

/** What one character at a time stands in a mandate reference. */
const mandateReference = z
  .string()
  .includes('{{number}}', { message: 'needs {{number}}: no two mandates have the same reference' })
  .refine(
    text => /^[A-Za-z0-9+?:().,'-]{1,25}$/.test(text.replaceAll('{{number}}', '')) || text === '{{number}}',
    "holds something else than letters, digits and +?:().,'-, or is longer than 25 beside its number",
  )

/** How money comes in. */
export const paymentsSchema = z.strictObject({
  /** SEPA direct debit. Who collects is `provider.identity`: name, iban, bic and creditorId. */
  directDebit: z
    .strictObject({
      /** How mandates are called that get no reference by hand; `{{number}}` is the mandate's number. */
      mandateReference: mandateReference.default('MANDATE-{{number}}'),
      /** Days between the mail that announces a collection and the collection: 14 unless members agreed to less. */
      prenotificationDays: z.number().int().min(1).max(60).default(14),
      /** The message that the bank takes. */
      format: z.enum(['pain.008.001.02', 'pain.008.001.08']).default('pain.008.001.02'),
      /** Whether a batch that the bank has is recorded as paid on its day. Otherwise a person says so. */
      executes: z.boolean().default(true),
    })
    .prefault({}),
})

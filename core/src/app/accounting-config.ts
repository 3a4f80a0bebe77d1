import * as z from 'zod'

export const accountingSchema = z.strictObject({})
export type AccountingConfig = z.output<typeof accountingSchema>

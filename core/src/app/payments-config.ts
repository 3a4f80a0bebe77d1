import * as z from 'zod'

export const paymentsSchema = z.strictObject({})
export type PaymentsConfig = z.output<typeof paymentsSchema>

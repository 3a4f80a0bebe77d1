import * as z from 'zod'

export const remindersSchema = z.strictObject({})
export type RemindersConfig = z.output<typeof remindersSchema>

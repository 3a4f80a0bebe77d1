import * as z from 'zod'
import { dateFormats } from './dates.ts'

/** The text of a header, or the number of a column, from 1. */
export const csvColumn = z.union([z.string().trim().min(1).max(200), z.int().min(1).max(200)])
export type CsvColumn = z.infer<typeof csvColumn>

/**
 * How a bank writes its CSV. The amount is in one column with its sign, in one without it beside a column of directions (D/C, S/H, debit/credit,
 * out/in), or in two columns for debits and credits, whatever the sign of the debits.
 */
export const csvMappingSchema = z
  .object({
    delimiter: z.enum([';', ',', '\t', '|']),
    quote: z.enum(['"', "'", '']).default('"'),
    /** Found out from the bytes when absent. */
    charset: z.enum(['utf-8', 'windows-1252', 'iso-8859-15', 'utf-16le', 'utf-16be', 'macintosh']).optional(),
    /** Lines before the header, or before the first booking. With a header it may differ from file to file: the header is looked for. */
    skipLines: z.int().min(0).max(200).default(0),
    header: z.boolean(),
    dateFormat: z.enum(dateFormats),
    decimal: z.enum([',', '.']),
    /** For files, as of some cards, where what is paid has no sign. */
    signInverted: z.boolean().default(false),
    columns: z.object({
      bookedOn: csvColumn,
      valueOn: csvColumn.optional(),
      amount: csvColumn.optional(),
      direction: csvColumn.optional(),
      debit: csvColumn.optional(),
      credit: csvColumn.optional(),
      /** Taken off the amount. */
      fee: csvColumn.optional(),
      currency: csvColumn.optional(),
      /** Joined by spaces, what is empty or repeated left out. */
      label: z.array(csvColumn).min(1, 'Choose at least one column for the label.').max(10),
      counterpartyName: csvColumn.optional(),
      counterpartyIban: csvColumn.optional(),
      endToEndId: csvColumn.optional(),
      reference: csvColumn.optional(),
      mandateId: csvColumn.optional(),
      bankReference: csvColumn.optional(),
      /** The bank's account, when a file may hold several. */
      account: csvColumn.optional(),
      state: csvColumn.optional(),
    }),
    /** Words of the column `state` that mean booked; rows with others are left out. */
    bookedStates: z.array(z.string().trim().min(1)).default([]),
  })
  .superRefine(({ columns, header, bookedStates }, context) => {
    const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (!columns.amount === !(columns.debit && columns.credit))
      problem(['columns', 'amount'], 'Choose either the column of the amount, or those of debit and of credit.')
    if (columns.direction && !columns.amount) problem(['columns', 'direction'], 'A column of directions needs the column of the amount.')
    if (columns.state && bookedStates.length === 0) problem(['bookedStates'], 'Say which words of this column mean that it is booked.')
    if (
      !header &&
      Object.values(columns)
        .flat()
        .some(column => typeof column === 'string')
    )
      problem(['columns'], 'Without a header, columns are chosen by their number.')
  })
/** A complete mapping, as `csvMappingSchema.parse` gives it. */
export type CsvMapping = z.infer<typeof csvMappingSchema>
export type CsvField = keyof CsvMapping['columns']

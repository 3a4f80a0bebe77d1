import * as z from 'zod'
import type { Field, Input } from '../app/resource.ts'
import type { NewLine } from './draft.ts'
import { decimal } from './money.ts'
import { invoiceLines } from './tables.ts'

/** What one types of a line, in a form and as options of the CLI. */
export const lineFields = {
  description: { label: 'What for', column: invoiceLines.description, help: 'In the member’s language, as printed' },
  explanation: { label: 'How the amount comes about', column: invoiceLines.explanation, help: 'Printed under it: 23 of 31 days' },
  quantity: {
    label: 'Quantity',
    column: invoiceLines.quantity,
    required: false,
    check: z.string().refine(text => !decimal(text).eq(0), 'Give a quantity other than zero.'),
    help: 'One unless given; below zero gives money back',
  },
  unitPrice: { label: 'Price without VAT', column: invoiceLines.unitPrice, help: 'Of one; never below zero' },
  vatRate: { label: 'VAT rate', column: invoiceLines.vatRate, unit: '%', required: false },
  account: { label: 'Account', column: invoiceLines.account, help: 'Where it is booked; the deployment’s unless given' },
} as const satisfies Readonly<Record<string, Field>>

/** The line that was typed. On a credit note everything is given back: one types amounts as they were billed. */
export function newLineOf(input: Input, kind: string): NewLine {
  const text = (name: keyof typeof lineFields) => (input[name] === undefined || input[name] === null ? '' : String(input[name]))
  const quantity = decimal(text('quantity') || '1')
  return {
    description: text('description'),
    explanation: text('explanation'),
    quantity: (kind === 'credit_note' ? quantity.neg() : quantity).toFixed(),
    unitPrice: text('unitPrice'),
    vatRate: text('vatRate') || '0',
    account: text('account'),
  }
}

import type { Choice } from '../app/resource.ts'

/** How money comes and goes. */
export const methods: readonly Choice[] = [
  { value: 'transfer', label: 'Bank transfer' },
  { value: 'direct_debit', label: 'Direct debit' },
  { value: 'cheque', label: 'Cheque' },
  { value: 'cash', label: 'Cash' },
  { value: 'card', label: 'Card' },
  { value: 'other', label: 'Another way' },
]

/** The label of a method, to be translated. */
export const methodLabel = (method: string): string => methods.find(({ value }) => value === method)?.label ?? method

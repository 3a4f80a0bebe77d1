import { sitePath } from '../ui/index.ts'

/** The path of the page of one invoice, or of one below it. */
export const invoicePath = (id: number, ...rest: readonly (string | number)[]): string =>
  sitePath(['/admin/invoices', id, ...rest].join('/'))

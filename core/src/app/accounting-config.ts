import * as z from 'zod'

const account = z.string().regex(/^\d{3}[A-Za-z0-9]{0,17}$/, 'is not an account of the chart, such as 706000')
const code = z.string().regex(/^[A-Z0-9]{1,8}$/, 'is not a code such as BQ')
const journal = (of: string, label: string) =>
  z.strictObject({ code: code.default(of), label: z.string().min(1).default(label) }).prefault({})
const way = (of: 'bank' | 'cash' | 'misc', number: string) =>
  z.strictObject({ journal: z.enum(['bank', 'cash', 'misc']).default(of), account: account.default(number) }).prefault({})

/** Where money is booked, for exports to an accounting tool. French plan comptable général unless given. */
export const accountingSchema = z.strictObject({
  accounts: z
    .strictObject({
      /** Each member is an auxiliary account below it. */
      customers: account.default('411000'),
      /** Lines whose offer names no account of its own. */
      sales: account.default('706000'),
      fees: account.default('756000'),
      donations: account.default('754100'),
      vat: account.default('445710'),
    })
    .prefault({}),
  /** An account per rate, `{ '20': '445712' }`; `accounts.vat` for the others. */
  vatByRate: z.record(z.string().regex(/^\d{1,3}(\.\d{1,2})?$/, 'is not a rate such as 20 or 5.5'), account).default({}),
  /** Where the money of each kind of payment goes, and in which journal that is written. */
  payments: z
    .strictObject({
      transfer: way('bank', '512000'),
      direct_debit: way('bank', '512000'),
      card: way('bank', '512000'),
      cheque: way('bank', '511200'),
      cash: way('cash', '530000'),
      other: way('misc', '471000'),
    })
    .prefault({}),
  journals: z
    .strictObject({
      sales: journal('VE', 'Ventes'),
      bank: journal('BQ', 'Banque'),
      cash: journal('CA', 'Caisse'),
      misc: journal('OD', 'Opérations diverses'),
    })
    .prefault({}),
  /** What accounts of your own are called, by their number. */
  labels: z.record(account, z.string().min(1)).default({}),
  /** The day on which the financial year begins, MM-DD: numbers of entries begin again on it. */
  yearStart: z
    .string()
    .regex(/^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/, 'is not a month and a day such as 01-01')
    .default('01-01'),
  fec: z
    .strictObject({
      separator: z.enum(['tab', 'pipe']).default('tab'),
      encoding: z.enum(['utf-8', 'iso-8859-15']).default('utf-8'),
    })
    .prefault({}),
})

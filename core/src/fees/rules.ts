import { eq, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { issueInvoices } from '../billing/issue.ts'
import { decimal } from '../billing/money.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { lockMembers } from '../payments/allocations.ts'
import { formatMoney, formatRange } from '../ui/index.ts'
import { cancelBill, draftBills } from './bills.ts'
import { type Fellow, fellows, lastDay } from './periods.ts'
import { membershipFees } from './tables.ts'

/** Days are ISO and both belong to it; the amount is a decimal number. */
export interface NewFee {
  readonly memberId: number
  /** The day after the last fee, or today, unless given. */
  readonly from?: string | undefined
  /** As many months later as the settings say unless given. */
  readonly until?: string | undefined
  /** What the settings advise unless given. */
  readonly amount?: string | undefined
}

export interface AddedFee {
  readonly id: number
  readonly invoiceId: number
}

/** Adds a fee with its bill, which is issued. */
export const addFee = async (tx: Tx, fee: NewFee): Promise<AddedFee> => (await addFees(tx, [fee]))[0] as AddedFee

/** The same for any number of members, one fee each, in a constant number of statements. */
export async function addFees(tx: Tx, fees: readonly NewFee[]): Promise<readonly AddedFee[]> {
  if (fees.length === 0) return []
  const { provider, fees: settings } = currentScope().registry.config
  const known = await fellows(
    tx,
    fees.map(({ memberId }) => memberId),
  )
  const settled = fees.map(fee => {
    const fellow = known.get(fee.memberId)
    if (!fellow) throw new CoinError('not_found', 'This member does not exist.')
    const first = fee.from ?? fellow.next
    const last = fee.until ?? lastDay(first)
    if (last < first) throw invalid('until', 'The last day is before the first one.')
    return { memberId: fee.memberId, fellow, first, last, amount: enough(fee.amount ?? settings.amount) }
  })
  const invoices = await draftBills(
    tx,
    'fee',
    settled.map(fee => ({ ...feeBill(fee.fellow, fee), memberId: fee.memberId })),
  )
  const rows = settled.map((fee, index) => ({ ...fee, invoice: invoices[index] }))
  const { rows: added } = await tx.execute<{ id: number; invoiceId: number }>(sql`
    INSERT INTO membership_fee (member_id, during, amount, currency, invoice_id)
    SELECT "memberId", daterange(first, last, '[]'), amount, ${provider.currency}, invoice
    FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS ("memberId" bigint, first date, last date, amount numeric, invoice bigint))
      WITH ORDINALITY AS f ("memberId", first, last, amount, invoice, n) ORDER BY n
    RETURNING id, invoice_id AS "invoiceId"`)
  await issueInvoices(tx, invoices)
  return added
}

/** Asks for another amount: the bill is cancelled and another one made. Refuses when something was paid of it. */
export async function changeFeeAmount(tx: Tx, id: number, amount: string): Promise<void> {
  const fee = await lockFee(tx, id)
  if (decimal(fee.amount).eq(amount)) return
  if (decimal(fee.allocated).gt(0))
    throw new CoinError('refused', 'Something was paid of this fee: its amount stays.', {
      hint: 'Withdraw it and add another, or take what was over as a donation.',
    })
  const fellow = (await fellows(tx, [fee.memberId])).get(fee.memberId) as Fellow
  const [invoiceId = 0] = await draftBills(tx, 'fee', [{ ...feeBill(fellow, { ...fee, amount: enough(amount) }), memberId: fee.memberId }])
  // the fee goes over to its new bill first, so that cancelling the old one does not withdraw it
  await tx.update(membershipFees).set({ amount, invoiceId }).where(eq(membershipFees.id, id))
  await cancelBill(tx, fee.invoiceId)
  await issueInvoices(tx, [invoiceId])
}

/** Takes a fee back that was not paid: a credit note cancels its bill. */
export async function withdrawFee(tx: Tx, id: number): Promise<void> {
  const fee = await lockFee(tx, id)
  if (fee.settled) throw new CoinError('refused', 'This fee is paid.', { hint: 'Make a credit note on its bill, and pay the money back.' })
  await cancelBill(tx, fee.invoiceId)
}

/** An amount that is not below the minimum of the settings. */
function enough(amount: string): string {
  const { fees, provider } = currentScope().registry.config
  if (decimal(amount).lt(fees.minimum))
    throw invalid('amount', 'The fee is {{minimum}} at least.', { minimum: formatMoney(fees.minimum, provider.currency) })
  return amount
}

/** What the bill of a fee says, in the member's language. */
function feeBill(
  { language }: Fellow,
  { first, last, amount }: { readonly first: string; readonly last: string; readonly amount: string },
) {
  const { provider, fees } = currentScope().registry.config
  const words = withinScope({ locale: language || provider.language, app: 'fees' }, () => ({
    description: t('Membership, {{range}}', { range: formatRange(first, last) }),
    explanation: decimal(amount).eq(fees.amount)
      ? t('The amount that we advise')
      : t('A chosen amount, from {{minimum}} up', { minimum: formatMoney(fees.minimum, provider.currency) }),
  }))
  return { ...words, amount, period: { first, last }, notBefore: first }
}

interface LockedFee extends Record<string, unknown> {
  readonly memberId: number
  readonly invoiceId: number
  readonly amount: string
  readonly first: string
  readonly last: string
  readonly allocated: string
  readonly settled: boolean
}

async function lockFee(tx: Tx, id: number): Promise<LockedFee> {
  await lockMembers(tx, sql`SELECT member_id FROM membership_fee WHERE id = ${id}`)
  const { rows } = await tx.execute<LockedFee & { withdrawn: boolean }>(sql`
    SELECT f.member_id AS "memberId", f.invoice_id AS "invoiceId", f.amount, lower(f.during) AS first, upper(f.during) - 1 AS last, i.allocated,
      i.settled_on IS NOT NULL AS settled, f.withdrawn_on IS NOT NULL AS withdrawn
    FROM membership_fee f JOIN invoice i ON i.id = f.invoice_id WHERE f.id = ${id} FOR UPDATE OF f`)
  const [fee] = rows
  if (!fee) throw new CoinError('not_found', 'This fee is not there any more.')
  if (fee.withdrawn) throw new CoinError('refused', 'This fee was withdrawn.', { hint: 'Add another one.' })
  return fee
}

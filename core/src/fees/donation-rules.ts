import { eq, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { issueInvoices } from '../billing/issue.ts'
import { decimal } from '../billing/money.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { recordPayment } from '../payments/rules.ts'
import type { PaymentMethod } from '../payments/tables.ts'
import { formatDate } from '../ui/index.ts'
import { cancelBill, draftBills } from './bills.ts'
import { fellows, today } from './periods.ts'
import { donations } from './tables.ts'

export interface NewDonation {
  readonly memberId: number
  readonly amount: string
  /** Today unless given. */
  readonly givenOn?: string | undefined
  readonly method?: PaymentMethod | undefined
  readonly reference?: string | undefined
  readonly anonymous?: boolean | undefined
}

/** Records what a member gave, with its payment. Returns its id. */
export async function addDonation(
  tx: Tx,
  { memberId, amount, method = 'transfer', reference, anonymous = false, ...given }: NewDonation,
): Promise<number> {
  if (decimal(amount).lte(0)) throw invalid('amount', 'A donation is above zero.')
  const donor = (await fellows(tx, [memberId])).get(memberId)
  if (!donor) throw new CoinError('not_found', 'This member does not exist.')
  const { provider, fees } = currentScope().registry.config
  const { currency, language } = provider
  const now = await today(tx)
  const givenOn = given.givenOn ?? now
  if (givenOn > now) throw invalid('givenOn', 'This day is still to come.')
  const description = withinScope({ locale: donor.language || language, app: 'fees' }, () =>
    t('Donation of {{date}}', { date: formatDate(givenOn) }),
  )
  const [invoiceId = 0] = await draftBills(tx, 'donation', [
    { memberId, amount, description, note: fees.donationMention, notBefore: givenOn },
  ])
  const [row] = await tx
    .insert(donations)
    .values({ memberId, givenOn, amount, currency, invoiceId, anonymous })
    .returning({ id: donations.id })
  await issueInvoices(tx, [invoiceId])
  await recordPayment(tx, { memberId, amount, receivedOn: givenOn, method, invoiceId, currency, ...(reference && { reference }) })
  return (row as { id: number }).id
}

/** Takes back what was recorded by mistake: a credit note cancels it, and the money is the member's credit. */
export async function withdrawDonation(tx: Tx, id: number): Promise<void> {
  const [donation] = await tx.select().from(donations).where(eq(donations.id, id)).for('update')
  if (!donation) throw new CoinError('not_found', 'This donation is not there any more.')
  if (donation.withdrawnOn) throw new CoinError('refused', 'This donation was withdrawn.')
  await cancelBill(tx, donation.invoiceId)
}

/** A donation of a member's, for pages. */
export interface GivenDonation extends Record<string, unknown> {
  readonly id: number
  readonly givenOn: string
  readonly amount: string
  readonly currency: string
  readonly invoiceId: number
}

/** What a member gave, the last first. */
export async function donationsOf(db: Tx, memberId: number): Promise<readonly GivenDonation[]> {
  const { rows } = await db.execute<GivenDonation>(sql`
    SELECT id, given_on AS "givenOn", amount, currency, invoice_id AS "invoiceId" FROM donation
    WHERE member_id = ${memberId} AND withdrawn_on IS NULL ORDER BY given_on DESC, id DESC`)
  return rows
}

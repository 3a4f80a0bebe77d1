import type { ConfigInput } from '../../app/config.ts'
import { decimal } from '../../billing/money.ts'
import { type TestCoin, testCoin } from '../../testing/coin.ts'
import { addMember } from '../../testing/factories.ts'
import { issueOf, on } from '../fixture.ts'
import { makeBatch, markSent } from './batches.ts'
import { collectableOn } from './collectable.ts'

export const identity = {
  name: 'Réseau des Collines',
  iban: 'FR76 3000 6000 0112 3456 7890 189',
  bic: 'AGRIFRPP',
  creditorId: 'FR72ZZZ123456',
}
export const memberIban = 'DE89370400440532013000'

export const sepaCoin = (directDebit: NonNullable<ConfigInput['payments']>['directDebit'] = {}): Promise<TestCoin> =>
  testCoin({ apps: [], provider: { name: 'Collines', identity }, payments: { directDebit } })

/** A member with a mandate, unless `iban` is empty. */
export async function debtor(coin: TestCoin, given: { readonly iban?: string; readonly name?: string; readonly lastName?: string } = {}) {
  const member = await addMember(coin, given.lastName ? { lastName: given.lastName } : {})
  const { iban = memberIban, name = 'Ada Member' } = given
  if (!iban) return { member, mandate: 0 }
  const { rows } = await coin.pool.query<{ id: number }>(
    `INSERT INTO sepa_mandate (member_id, reference, iban, name, signed_on) VALUES ($1::bigint, 'UMR-' || $1::bigint, $2, $3, '2026-01-05') RETURNING id::int`,
    [member, iban, name],
  )
  return { member, mandate: rows[0]?.id ?? 0 }
}

/** What a member is billed on a day, due thirty days later as the test says. */
export const bill = (coin: TestCoin, memberId: number, amount: string, day = '2026-02-01') =>
  on(coin, day, tx => issueOf(tx, { memberId, amount }))

/** Makes a batch for a day, as it would be shown on `today`. */
export const batchFor = (coin: TestCoin, today: string, day: string): Promise<number> =>
  on(coin, today, async tx => {
    const { token } = await collectableOn(tx, day)
    const id = await makeBatch(tx, day, token)
    if (id === undefined) throw new Error('The batch moved')
    return id
  })

/** The same, with the bank. */
export async function sentBatch(coin: TestCoin, today: string, day: string): Promise<number> {
  const id = await batchFor(coin, today, day)
  await on(coin, today, tx => markSent(tx, id))
  return id
}

/** What a member owes in euros. */
export async function owed(coin: TestCoin, member: number): Promise<string> {
  const { rows } = await coin.pool.query<{ owed: string }>(
    `SELECT owed::text FROM member_balance WHERE member_id = $1 AND currency = 'EUR'`,
    [member],
  )
  return decimal(rows[0]?.owed ?? '0').toFixed(2)
}

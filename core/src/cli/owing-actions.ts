import { sql } from 'drizzle-orm'
import { withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { findMember } from '../members/queries.ts'
import { balancesOf, ledgerOf, memberNamed } from '../owing/balances.ts'
import { type Bill, billOf } from '../owing/explanation.ts'
import { nextBillOf } from '../owing/next-bill.ts'
import { ageingOf } from '../owing/standing.ts'
import type { CliContext } from './context.ts'
import { print } from './output.ts'
import { billWords, memberWords } from './owing-words.ts'

export async function member(context: CliContext, text: string, { page }: { readonly page: string }): Promise<void> {
  context.subject = 'owing'
  await context.withCoin(coin =>
    withinScope({ app: 'owing' }, async () => {
      const { db } = coin.database
      const found = await memberNamed(db, /^\d{1,15}$/.test(text) ? Number(text) : ((await findMember(db, text)) ?? 0))
      if (!found) throw new CoinError('not_found', 'This member does not exist.')
      const balances = (await balancesOf(db, found.id)).map(balance => ({ ...balance, ageing: ageingOf(balance) }))
      const next = await nextBillOf(db, found.id)
      const ledger = await ledgerOf(db, found.id, Math.max(1, Number.parseInt(page, 10) || 1))
      const ids = balances.flatMap(({ open }) => open.flatMap(({ what, id }) => (what === 'bill' ? [id] : [])))
      const why = await billsOf(db, found.id, ids)
      const expected = next && {
        on: next.on,
        bills: next.bills.map(({ lines, ...bill }) => ({ ...bill, lines: lines.map(({ charge: _, ...line }) => line) })),
      }
      print(context, { member: found, balances, next: expected ?? null, ledger, why }, () =>
        memberWords({ member: found, balances, next, ledger, why }),
      )
    }),
  )
}

export async function bill(context: CliContext, number: string): Promise<void> {
  context.subject = 'owing'
  await context.withCoin(coin =>
    withinScope({ app: 'owing' }, async () => {
      const { db } = coin.database
      const { rows } = await db.execute<{ id: number; member_id: number }>(sql`SELECT id, member_id FROM invoice WHERE number = ${number}`)
      const [row] = rows
      const found = row && (await billOf(db, row.member_id, row.id))
      if (!found) throw new CoinError('not_found', 'This invoice is not there any more.')
      print(context, found, () => billWords(found))
    }),
  )
}

/** A person at a terminal waits for few, and a member who owes more than this many owes them for the same reasons. */
const most = 20

async function billsOf(db: Tx, memberId: number, ids: readonly number[]): Promise<readonly Bill[]> {
  const found: Bill[] = []
  for (const id of ids.slice(0, most)) {
    const one = await billOf(db, memberId, id)
    if (one) found.push(one)
  }
  return found
}

import { CoinError, type Tx } from 'coin'
import { sql } from 'drizzle-orm'

/** An account that stays the member's it is until the transaction ends. */
export interface Locked extends Record<string, unknown> {
  readonly login: string
  /** What the member is called. */
  readonly holder: string
}

interface Row extends Locked {
  readonly member: number
  readonly ended: boolean
}

/**
 * Locks an account: two that make something for it at once come one after the other, and so does who gives it another login or another member, in the
 * order in which a change of member locks them. Throws `not_found` when it is gone or, with `member`, another member's by now, and `refused` when its
 * subscription has ended.
 */
export async function lockAccount(tx: Tx, account: number, member: number | undefined): Promise<Locked> {
  const { rows } = await tx.execute<Row>(sql`
    SELECT v.login, s.member_id AS member, m.display_name AS holder, coalesce(s.resigned_on < current_date, false) AS ended
    FROM vpn v JOIN configuration c ON c.id = v.id JOIN subscription s ON s.id = c.subscription_id JOIN member m ON m.id = s.member_id
    WHERE v.id = ${account} FOR SHARE OF s FOR NO KEY UPDATE OF v`)
  const [row] = rows
  if (!row || (member !== undefined && Number(row.member) !== member)) throw new CoinError('not_found', 'There is no such VPN account.')
  if (row.ended) throw new CoinError('refused', 'This subscription has ended.', { hint: 'It would open nothing.' })
  return row
}

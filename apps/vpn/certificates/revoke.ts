import { CoinError, type Tx } from 'coin'
import { type SQL, sql } from 'drizzle-orm'
import type { Reason } from './queries.ts'

/** Revokes one certificate of an account. Refuses when it is revoked already; the list follows with `refreshCrl`. */
export async function revokeCertificate(tx: Tx, account: number, serial: string, reason: Reason): Promise<void> {
  const revoked = await revokeWhere(tx, sql`c.configuration_id = ${account} AND c.serial = ${serial}`, reason)
  if (revoked === 0) throw new CoinError('not_found', 'There is no such certificate, or it is revoked already.')
}

/** Revokes all certificates of the account with a login. Returns how many. */
export const revokeLogin = (tx: Tx, login: string, reason: Reason): Promise<number> =>
  revokeWhere(tx, sql`c.login = ${login} AND c.not_after > now()`, reason)

/** Revokes those of subscriptions that have ended; of one subscription when given. Returns how many. */
export const revokeEnded = (tx: Tx, subscription?: number): Promise<number> =>
  revokeWhere(
    tx,
    sql`c.not_after > now() AND EXISTS (
      SELECT FROM configuration k JOIN subscription s ON s.id = k.subscription_id
      WHERE k.id = c.configuration_id AND s.resigned_on < current_date ${subscription === undefined ? sql`` : sql`AND s.id = ${subscription}`})`,
    'cessation_of_operation',
  )

async function revokeWhere(tx: Tx, which: SQL, reason: Reason): Promise<number> {
  const { rowCount } = await tx.execute(
    sql`UPDATE vpn_certificate c SET revoked_at = now(), reason = ${reason} WHERE c.revoked_at IS NULL AND ${which}`,
  )
  return rowCount ?? 0
}

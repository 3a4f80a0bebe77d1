import { createHash, randomBytes } from 'node:crypto'
import { CoinError, changeConfiguration, currentScope, invalid, type Tx } from 'coin'
import { eq, sql } from 'drizzle-orm'
import type { Account } from './account.ts'
import { isInside, readAddress } from './addresses.ts'
import { lockAccount } from './lock.ts'
import { hashPassword, newPassword } from './password.ts'
import type { Settings } from './settings.ts'
import { vpn } from './tables.ts'

/** Each costs a computer some work, and is kept in the history. */
const passwordsAnHour = 20

/**
 * Gives an account a new password and returns it, to be shown once; the old one works no longer. Only its hash is kept. Refuses with `too_many`
 * after twenty within an hour.
 */
export async function makePassword(account: Account, kind: Settings['hash'], tx: Tx): Promise<string> {
  await lockAccount(tx, account.id, account.subscription.member.id)
  const { rows } = await tx.execute<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM coin.history
    WHERE table_name = 'vpn' AND row_id = ${account.id} AND op = 'changed' AND changes ? 'password_hash' AND at > clock_timestamp() - interval '1 hour'`)
  if ((rows[0]?.count ?? 0) >= passwordsAnHour)
    throw new CoinError('too_many', 'This account had twenty passwords within an hour.', { hint: 'The last one works. Try again later.' })
  const password = newPassword()
  await tx
    .update(vpn)
    .set({ passwordHash: await hashPassword(password, kind) })
    .where(eq(vpn.id, account.id))
  return password
}

/** What somebody typed for the two ends; what is left out stays as it is, and an empty one is taken away. */
export interface Endpoints {
  readonly ipv4Endpoint?: string | undefined
  readonly ipv6Endpoint?: string | undefined
}

/**
 * Gives the tunnel's end other addresses of the account's own subnets. Refuses with `invalid` what is none of them, and with `conflict` when
 * the configuration was changed since `version`.
 */
export async function chooseEndpoints(account: Account, typed: Endpoints, version: number | undefined, tx: Tx): Promise<void> {
  const values = {
    ...(typed.ipv4Endpoint !== undefined && { ipv4Endpoint: endpointOf(account, 'ipv4Endpoint', 4, typed.ipv4Endpoint) }),
    ...(typed.ipv6Endpoint !== undefined && { ipv6Endpoint: endpointOf(account, 'ipv6Endpoint', 6, typed.ipv6Endpoint) }),
  }
  await changeConfiguration(tx, currentScope().registry, account.id, version, values)
  // the database looks at the end: now, so that what it refuses can still be said in the form
  await tx.execute(sql`SET CONSTRAINTS vpn_endpoints_inside IMMEDIATE`)
}

function endpointOf(account: Account, field: keyof Endpoints, family: 4 | 6, typed: string): string | null {
  if (typed.trim() === '') return null
  const address = readAddress(typed.trim())
  if (address === undefined)
    throw invalid(field, 'Give an address such as {{example}}.', { example: family === 4 ? '192.0.2.1' : '2001:db8::1' })
  const held = account.ipSubnets.filter(subnet => subnet.family === family)
  if (isInside(address, held)) return address
  throw invalid(field, '{{address}} is not one of your addresses.', { address })
}

/** Minutes that a link to a profile works. */
export const linkMinutes = 15

/** Makes a link to the profile of an account and returns its token; the one before works no longer. */
export async function makeLink(account: Account, tx: Tx): Promise<string> {
  await lockAccount(tx, account.id, account.subscription.member.id)
  const token = randomBytes(32).toString('base64url')
  await tx.execute(sql`
    INSERT INTO vpn_profile_link (configuration_id, token_hash, expires_at) VALUES (${account.id}, ${hashOf(token)}, now() + make_interval(mins => ${linkMinutes}))
    ON CONFLICT (configuration_id) DO UPDATE SET token_hash = EXCLUDED.token_hash, expires_at = EXCLUDED.expires_at`)
  return token
}

/** The account that a link leads to; undefined when it never did, or does no longer. */
export async function accountOfLink(token: string, tx: Tx): Promise<{ readonly id: number; readonly login: string } | undefined> {
  const { rows } = await tx.execute<{ id: number; login: string }>(sql`
    SELECT v.id, v.login FROM vpn_profile_link l JOIN vpn v ON v.id = l.configuration_id
      JOIN configuration c ON c.id = v.id JOIN subscription s ON s.id = c.subscription_id
    WHERE l.token_hash = ${hashOf(token)} AND l.expires_at > now() AND coalesce(s.resigned_on, 'infinity') >= current_date`)
  return rows[0]
}

const hashOf = (token: string) => createHash('sha256').update(token).digest()

/** Removes what is kept for a time only: connections that were last heard of before `days`, and links that have expired. */
export async function forget(days: number, tx: Tx): Promise<void> {
  await tx.execute(sql`DELETE FROM vpn_profile_link WHERE expires_at < now()`)
  await tx.execute(sql`DELETE FROM vpn_session WHERE seen_at < now() - make_interval(days => ${days})`)
}

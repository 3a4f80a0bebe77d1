import { isIP } from 'node:net'
import type { Tx } from 'coin'
import { sql } from 'drizzle-orm'
import * as z from 'zod'

const count = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0)

/** What the VPN server tells of a connection. */
export const report = z.object({
  event: z.enum(['connect', 'alive', 'disconnect']),
  login: z.string().min(1).max(64),
  /** The server's name for the connection. */
  session: z.string().min(1).max(200),
  /** Where the member comes from: `192.0.2.1`, `192.0.2.1:1194`, `[2001:db8::1]:1194`. */
  remote: z.string().max(100).transform(hostOf).optional(),
  /** Octets that came from the member, and that went there. */
  received: count,
  sent: count,
  /** When it happened, in seconds since 1970 or as ISO 8601; now unless given. */
  at: z
    .string()
    .transform(momentOf)
    .pipe(z.date().min(new Date('2000-01-01')).max(new Date('9999-01-01')))
    .optional(),
})
export type Report = z.output<typeof report>

/** Keeps what was told, told twice or in another order all the same. False for a login that nobody has. */
export async function recordSession(told: Report, tx: Tx): Promise<boolean> {
  // a clock that is ahead does not make connections of tomorrow
  const at = sql`least(${told.at?.toISOString() ?? null}::timestamptz, now())`
  const { rows } = await tx.execute<{ id: number }>(sql`
    INSERT INTO vpn_session AS s (configuration_id, session, since, seen_at, until, remote, received, sent)
    SELECT id, ${told.session}, ${at}, ${at}, ${told.event === 'disconnect' ? at : sql`NULL`}, ${told.remote ?? null}::inet, ${told.received}, ${told.sent}
    FROM vpn WHERE login = ${told.login}
    ON CONFLICT (configuration_id, session) DO UPDATE SET since = least(s.since, EXCLUDED.since), seen_at = greatest(s.seen_at, EXCLUDED.seen_at),
      until = coalesce(EXCLUDED.until, s.until), remote = coalesce(EXCLUDED.remote, s.remote),
      received = greatest(s.received, EXCLUDED.received), sent = greatest(s.sent, EXCLUDED.sent)
    RETURNING configuration_id AS id`)
  const [account] = rows
  // an account has one connection at a time: what a server that was restarted did not say has ended when it was last heard of
  if (account && told.event === 'connect')
    await tx.execute(sql`
      UPDATE vpn_session SET until = seen_at WHERE configuration_id = ${account.id} AND session <> ${told.session} AND until IS NULL AND since <= ${at}`)
  return account !== undefined
}

/** The last connection of an account. */
export interface Session {
  readonly since: string
  /** When the server last told of it. */
  readonly seen: string
  readonly until: string | null
  readonly remote: string | null
  readonly received: number
  readonly sent: number
}

/** The last connection of an account, as far as the server told of any. */
export async function lastSession(account: number, tx: Tx): Promise<Session | undefined> {
  const { rows } = await tx.execute<Session & Record<string, unknown>>(sql`
    SELECT ${moment('since')} AS since, ${moment('seen_at')} AS seen, ${moment('until')} AS until,
      host(remote) AS remote, received, sent
    FROM vpn_session WHERE configuration_id = ${account} ORDER BY until IS NOT NULL, since DESC LIMIT 1`)
  const [row] = rows
  return row && { ...row, received: Number(row.received), sent: Number(row.sent) }
}

const moment = (column: string) => sql.raw(`to_json(${column}) #>> '{}'`)

function hostOf(text: string): string | undefined {
  const [, inside] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? []
  const address = inside ?? (isIP(text) ? text : text.replace(/:\d+$/, ''))
  if (!isIP(address) || address.includes('%')) return undefined
  // a server that listens on IPv6 alone writes IPv4 addresses so
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

function momentOf(text: string): Date {
  return /^\d{1,12}(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text)
}

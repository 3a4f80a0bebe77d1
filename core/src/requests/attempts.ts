import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import ipaddr from 'ipaddr.js'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'

/** Counts one more attempt in a bucket and says whether they are too many: above `most` within so many hours of the first one. */
export async function isTooMany(db: Tx, bucket: string, most: number, hours: number): Promise<boolean> {
  const over = sql`a.since < now() - make_interval(hours => ${hours})`
  const { rows } = await db.execute<{ count: number }>(sql`
    INSERT INTO request_attempt AS a (bucket, count, since) VALUES (${bucket}, 1, now())
    ON CONFLICT (bucket) DO UPDATE SET count = CASE WHEN ${over} THEN 1 ELSE a.count + 1 END, since = CASE WHEN ${over} THEN now() ELSE a.since END
    RETURNING count`)
  return (rows[0]?.count ?? 0) > most
}

/** Who shares a count: an IPv4 address, or the /64 around an IPv6 one. Kept as a digest, for as long as it counts. */
export function bucketOfAddress(address: string): string {
  const parsed = ipaddr.isValid(address) ? ipaddr.process(address) : undefined
  const shared = parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : (parsed?.toString() ?? address)
  return `from:${digestOf(shared)}`
}

/** The count of mails to one e-mail address. */
export const bucketOfEmail = (email: string): string => `to:${digestOf(email.toLowerCase())}`

/** Counts what a member sends us: each is a mail to staff. Throws when it is too much for a day. */
export async function requireFew(tx: Tx, memberId: number | null): Promise<void> {
  if (await isTooMany(tx, `by:${memberId}`, 40, 24))
    throw new CoinError('refused', 'You have written to us very often today.', { hint: 'Try again tomorrow.' })
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url')

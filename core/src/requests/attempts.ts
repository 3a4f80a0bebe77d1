import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import ipaddr from 'ipaddr.js'
import type { Tx } from '../db/database.ts'

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

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url')

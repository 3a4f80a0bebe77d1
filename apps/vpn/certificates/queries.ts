import type { Tx } from 'coin'
import { type SQL, sql } from 'drizzle-orm'

export type Reason = 'key_compromise' | 'affiliation_changed' | 'superseded' | 'cessation_of_operation'

/** A certificate, as pages show it. */
export interface Certificate {
  readonly id: number
  readonly serial: string
  readonly login: string
  readonly certificate: string
  readonly keyKind: string
  readonly madeBy: 'csr' | 'bundle' | 'browser'
  /** ISO 8601, as are the next ones. */
  readonly notBefore: string
  readonly notAfter: string
  readonly revokedAt: string | null
  readonly reason: Reason | null
  /** True once a published list names it. */
  readonly listed: boolean
}

const moment = (column: string) => sql.raw(`to_json(c.${column}) #>> '{}'`)

/** The certificates of an account that have not been over for long, the one that lasts longest first. */
export async function certificatesOf(tx: Tx, account: number): Promise<readonly Certificate[]> {
  return load(tx, sql`c.configuration_id = ${account} AND c.not_after > now() - interval '90 days'`)
}

/** One certificate of an account. */
export async function certificateOf(tx: Tx, account: number, serial: string): Promise<Certificate | undefined> {
  return (await load(tx, sql`c.configuration_id = ${account} AND c.serial = ${serial}`))[0]
}

async function load(tx: Tx, which: SQL): Promise<readonly Certificate[]> {
  const { rows } = await tx.execute<Certificate & Record<string, unknown>>(sql`
    SELECT c.id, c.serial, c.login, c.certificate, c.key_kind AS "keyKind", c.made_by AS "madeBy", ${moment('not_before')} AS "notBefore",
      ${moment('not_after')} AS "notAfter", ${moment('revoked_at')} AS "revokedAt", c.reason, c.listed_in IS NOT NULL AS listed
    FROM vpn_certificate c WHERE ${which} ORDER BY c.revoked_at IS NULL DESC, c.not_after DESC, c.id DESC`)
  return rows
}

/** How it stands with an account's certificate, at a moment. */
export type Standing =
  | { readonly state: 'none' }
  | { readonly state: 'revoked' | 'expired' | 'valid' | 'expiring'; readonly certificate: Certificate }

const day = 24 * 60 * 60_000

/** The best of an account's certificates, and how it stands with it; `expiring` from `renewDays` before its end. */
export function standingOf(certificates: readonly Certificate[], renewDays: number, now = Date.now()): Standing {
  const usable = certificates.find(({ revokedAt, notAfter }) => revokedAt === null && Date.parse(notAfter) > now)
  const last = usable ?? certificates.toSorted((a, b) => b.id - a.id)[0]
  if (!last) return { state: 'none' }
  if (last.revokedAt !== null) return { state: 'revoked', certificate: last }
  const left = Date.parse(last.notAfter) - now
  return { state: left <= 0 ? 'expired' : left <= renewDays * day ? 'expiring' : 'valid', certificate: last }
}

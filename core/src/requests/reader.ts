import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import { formatDate } from '../ui/index.ts'
import { publicOrigin } from '../web/origin.ts'
import { kindLabel } from './kinds.ts'
import type { placeholders } from './placeholders.ts'
import type { RequestRow } from './tables.ts'

/** Who asked, as mails and templates need them. */
export interface Reader {
  readonly memberId: number
  readonly email: string
  readonly greeting: string
  readonly language: string
  readonly openpgpKey: string
  /** They can sign in: a link is of use to them. */
  readonly hasAccount: boolean
  /** The name of the offer that it is about, and the reference of the subscription; `''` for none. */
  readonly offer: string
  readonly reference: string
}

/** Who asked; undefined when they are gone. */
export async function readerOf(tx: Tx, request: RequestRow): Promise<Reader | undefined> {
  const { rows } = await tx.execute<Omit<Reader, 'language'> & { readonly language: string } & Record<string, unknown>>(sql`
    SELECT m.id AS "memberId", m.email, m.language, m.openpgp_key AS "openpgpKey", m.user_id IS NOT NULL AS "hasAccount",
      coalesce(nullif(m.nickname, ''), CASE WHEN m.kind = 'natural' THEN nullif(m.first_name, '') END, m.display_name) AS greeting,
      coalesce(s.reference, '') AS reference,
      coalesce((SELECT o.name FROM offer o WHERE o.id = ${request.offerId}), (SELECT o.name FROM subscription_offer d JOIN offer o ON o.id = d.offer_id
        WHERE d.subscription_id = s.id AND d.during @> greatest(current_date, s.started_on)), '') AS offer
    FROM member m LEFT JOIN subscription s ON s.id = ${request.subscriptionId} WHERE m.id = ${request.memberId}`)
  const reader = rows[0]
  return reader && { ...reader, language: reader.language || currentScope().registry.config.provider.language }
}

/** What stands for each placeholder of a template, in the language of the scope. */
export const valuesFor = (request: RequestRow, reader: Reader): Readonly<Record<(typeof placeholders)[number], string>> => ({
  name: reader.greeting,
  offer: reader.offer,
  reference: reader.reference,
  request: kindLabel(request.kind),
  date: formatDate(new Intl.DateTimeFormat('sv-SE', { timeZone: currentScope().registry.timeZone }).format(new Date())),
  provider: currentScope().registry.providerName,
  link: linkTo(request),
})

/** Where a member finds a request, for mails. */
export const linkTo = ({ id }: Pick<RequestRow, 'id'>): string => publicOrigin() + url('request:own', { id })

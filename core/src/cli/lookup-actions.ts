import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { createUser } from '../accounts/rules.ts'
import { idIn } from '../admin/find.ts'
import { parseValue } from '../admin/parse-value.ts'
import { t } from '../app/i18n.ts'
import { CoinError, invalid } from '../errors.ts'
import { findMail, listMails } from '../system/mail.ts'
import { formatDateTime } from '../ui/format.ts'
import type { CliContext } from './context.ts'
import { cell, facts, print, table } from './output.ts'

export async function createAdmin(context: CliContext, { email, name }: { readonly email: string; readonly name: string }): Promise<void> {
  context.subject = 'admin'
  const given = process.env.COIN_ADMIN_PASSWORD || undefined
  const password = given ?? randomBytes(12).toString('base64url')
  const { id } = await context.withCoin((coin, actor) =>
    coin.transaction(actor, tx => createUser({ email, name, password, role: 'staff' }, tx)),
  )
  print(context, { id, email, ...(!given && { password }) }, () =>
    given ? `${email} is added.` : `${email} is added, with the password ${password} (it is not shown again).`,
  )
}

export async function showMails(context: CliContext, { limit }: { readonly limit: string }): Promise<void> {
  const mails = await context.withCoin(coin => listMails(coin.database.db, Math.min(10_000, Number.parseInt(limit, 10) || 50)))
  print(context, mails, () =>
    mails.length === 0
      ? 'No mail yet.'
      : table(
          ['Id', 'When', 'To', 'Subject', 'State'],
          mails.map(mail => [
            String(mail.id),
            moment(mail.createdAt),
            mail.recipient,
            mail.subject,
            mail.sentAt ? 'sent' : (mail.error ?? 'waits'),
          ]),
        ),
  )
}

export async function showMail(context: CliContext, which: string): Promise<void> {
  const id = idIn(which)
  const mail = id === undefined ? undefined : await context.withCoin(coin => findMail(coin.database.db, id))
  if (!mail) throw new CoinError('not_found', 'There is no mail {{id}}.', { values: { id: which.slice(0, 20) } })
  print(
    context,
    mail,
    () =>
      `${facts([
        ['To', mail.recipient],
        ['Subject', mail.subject],
        ['Written', moment(mail.createdAt)],
        ['Sent', mail.sentAt ? moment(mail.sentAt) : (mail.error ?? 'not yet')],
      ])}\n\n${mail.body}`,
  )
}

const moment = (value: unknown) =>
  cell(value instanceof Date ? value : new Date(String(value)))
    .replace('T', ' ')
    .slice(0, 16)

interface Assignment extends Record<string, unknown> {
  readonly prefix: string
  readonly from: string
  readonly until: string | null
  readonly memberId: number
  readonly memberName: string
  readonly subscriptionReference: string
}

export async function whoHeld(context: CliContext, text: string, { at }: { readonly at?: string }): Promise<void> {
  context.labels = { address: t('Address'), at: '--at' }
  const rows = await context.withCoin(async coin => {
    const address = parseValue(text.includes('/') ? 'prefix' : 'address', text.trim())
    if (!address.ok) throw invalid('address', address.message, address.values)
    const instant = at === undefined ? undefined : parseValue('datetime', at)
    if (instant && !instant.ok) throw invalid('at', instant.message, instant.values)
    const { rows: held } = await coin.database.db.execute<Assignment>(sql`
      SELECT prefix, lower(during) AS from, upper(during) AS until, member_id AS "memberId", member_name AS "memberName", subscription_reference AS "subscriptionReference"
      FROM ip_holder_at(${String(address.value)}::inet, ${instant ? String(instant.value) : sql`now()`}::timestamptz)`)
    if (held.length === 0)
      throw new CoinError('not_found', at === undefined ? 'Nobody holds {{address}}.' : 'Nobody held {{address}} then.', {
        values: { address: String(address.value) },
      })
    return held.map(row => ({
      ...row,
      said: [
        row.prefix,
        row.memberName,
        row.subscriptionReference,
        formatDateTime(row.from),
        row.until ? formatDateTime(row.until) : t('until now'),
      ],
    }))
  })
  print(
    context,
    rows.map(({ said: _, ...row }) => row),
    () =>
      table(
        ['Prefix', 'Member', 'Subscription', 'From', 'Until'],
        rows.map(({ said }) => said),
      ),
  )
}

import { sql } from 'drizzle-orm'
import { defineFinder } from '../../app/finder.ts'
import { formatDateTime } from '../../ui/index.ts'
import { dayIn, emailIn, labelIn, phoneIn } from '../readings.ts'
import { rowHits } from '../rows.ts'

/** Members by a telephone number, however it is written. */
export const phones = defineFinder<string>({
  name: 'member_phone',
  label: 'Members with this phone number',
  icon: 'phone',
  access: 'member.view',
  narrows: true,
  understand(text) {
    const value = phoneIn(text)
    return value === undefined ? undefined : { as: 'a phone number', value }
  },
  find: (digits, tx, limit) =>
    rowHits('member', tx, limit, {
      where: sql`(coin.phone_digits(member.mobile_phone) || ' ' || coin.phone_digits(member.home_phone)) LIKE ${`%${digits}%`}`,
      exact: digits.length === 9,
    }),
})

/** Mails that went to an address. */
export const mails = defineFinder<string>({
  name: 'mail',
  label: 'Mails to this address',
  icon: 'mail',
  access: 'mail.view',
  understand(text) {
    const value = emailIn(text)
    return value === undefined ? undefined : { as: 'an e-mail address', value }
  },
  async find(address, tx, limit) {
    const { rows } = await tx.execute<{ id: number; subject: string; at: string }>(sql`
      SELECT id, subject, to_json(created_at) #>> '{}' AS at FROM coin.mail WHERE lower(recipient) = ${address} ORDER BY id DESC LIMIT ${limit}`)
    return rows.map(({ id, subject, at }) => ({ label: subject, sub: formatDateTime(at), path: `/admin/mails/${id}` }))
  },
})

/** The subscriptions that the label of a transfer names. */
export const labels = defineFinder<readonly string[]>({
  name: 'transfer_label',
  label: 'Subscriptions it names',
  icon: 'router',
  access: 'subscription.view',
  narrows: true,
  understand(text) {
    const value = labelIn(text)
    return value && { as: 'the label of a transfer', value }
  },
  find: (words, tx, limit) =>
    rowHits('subscription', tx, limit, {
      where: sql`coin.reference_key(subscription.reference) IN (SELECT coin.reference_key(word) FROM unnest(${sql.param([...words])}::text[]) AS word)`,
      exact: true,
    }),
})

/** What begins and ends on a day. */
export const days = defineFinder<string>({
  name: 'subscription_day',
  label: 'Subscriptions that begin or end that day',
  icon: 'calendar',
  access: 'subscription.view',
  narrows: true,
  understand(text) {
    const value = dayIn(text)
    return value === undefined ? undefined : { as: 'a day', value }
  },
  find: (day, tx, limit) =>
    rowHits('subscription', tx, limit, { where: sql`(subscription.started_on = ${day}::date OR subscription.resigned_on = ${day}::date)` }),
})

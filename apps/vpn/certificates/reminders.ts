import { currentScope, sendMail, type Translate, type Tx } from 'coin'
import { sql } from 'drizzle-orm'
import type { CertificateSettings } from './settings.ts'

interface Due extends Record<string, unknown> {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly language: string
  readonly login: string
  /** ISO 8601 */
  readonly not_after: string
  readonly days: number
}

/**
 * Mails those whose certificate ends soon, in their language: once for each of the days set, and once for several that were missed. Not those
 * who have renewed it, and not for a subscription that has ended. Returns how many mails there are.
 */
export async function remind(tx: Tx, { remindDays }: CertificateSettings): Promise<number> {
  const { rows } = await tx.execute<Due>(sql`
    WITH due AS (
      SELECT c.id, m.email, m.display_name AS name, m.language, c.login, c.not_after,
        (SELECT min(day) FROM unnest(${sql.param(remindDays)}::int[]) AS day WHERE c.not_after <= now() + make_interval(days => day)) AS threshold
      FROM vpn_certificate c JOIN configuration k ON k.id = c.configuration_id
        JOIN subscription s ON s.id = k.subscription_id JOIN member m ON m.id = s.member_id
      WHERE c.revoked_at IS NULL AND c.not_after > now() AND coalesce(s.resigned_on, 'infinity') >= current_date AND NOT EXISTS (
        SELECT FROM vpn_certificate n WHERE n.configuration_id = c.configuration_id AND n.revoked_at IS NULL AND n.not_after > c.not_after)
      FOR NO KEY UPDATE OF c)
    UPDATE vpn_certificate c SET reminded = due.threshold FROM due
    WHERE c.id = due.id AND due.threshold IS NOT NULL AND coalesce(c.reminded, 2147483647) > due.threshold
    RETURNING c.id, due.email, due.name, due.language, due.login, to_json(due.not_after) #>> '{}' AS not_after,
      ceil(extract(epoch FROM due.not_after - now()) / 86400)::int AS days`)
  for (const due of rows) await sendMail(tx, { to: due.email, ...letterOf(due) })
  return rows.length
}

function letterOf({ name, language, login, not_after, days }: Due): { readonly subject: string; readonly text: string } {
  const { registry } = currentScope()
  const locale = language || registry.config.provider.language
  const t: Translate = registry.translations.translator(locale, 'vpn')
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: registry.timeZone }).format(new Date(not_after))
  const values = { name, login, date, provider: registry.providerName }
  const text = [
    t('Hello {{name}},', values),
    t('The certificate that lets {{login}} into the VPN ends on {{date}}. From then on the VPN refuses it.', values),
    t('Renew it on the page of your VPN, then put the new profile on your devices. The old one works until it ends.'),
    registry.providerName,
  ].join('\n\n')
  return { subject: t('Your VPN certificate ends in {{count}} days', { count: days }), text }
}

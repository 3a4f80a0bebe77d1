import { sql } from 'drizzle-orm'
import { t } from '../../app/i18n.ts'
import { currentScope, withinScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { sendMails } from '../../system/mail.ts'
import { formatDate, formatMoney } from '../../ui/index.ts'
import { publicOrigin } from '../../web/origin.ts'
import { maskedIban } from './iban.ts'
import { reasonText } from './reason-codes.ts'

interface Told extends Record<string, unknown> {
  readonly memberId: number
  readonly greeting: string
  readonly email: string
  readonly language: string
  readonly openpgpKey: string
  readonly amount: string
  readonly collectOn: string
  readonly reference: string
  readonly iban: string
  readonly creditorId: string
  readonly code: string
  readonly mandateEnded: boolean
  readonly invoices: readonly { readonly number: string; readonly amount: string }[]
}

/** Announces to each member of a batch what is collected, when, and by what right. */
export const announceBatch = (tx: Tx, id: number): Promise<void> =>
  tell(tx, sql`c.batch_id = ${id}`, told => ({
    subject: t('{{amount}} will be collected on {{date}}', wordsOf(told)),
    parts: [
      t('On {{date}} we collect {{amount}} from your account {{iban}} by direct debit, for:', wordsOf(told)),
      listing(told),
      t('Mandate {{reference}}, creditor identifier {{creditorId}}.', wordsOf(told)),
      t('You have nothing to do. If something is wrong with an invoice, answer this mail before that day.'),
    ],
  }))

/** The same members, when the batch is given up. */
export const takeBackAnnouncement = (tx: Tx, id: number): Promise<void> =>
  tell(tx, sql`c.batch_id = ${id}`, told => ({
    subject: t('Nothing will be collected on {{date}}', wordsOf(told)),
    parts: [
      t('We had announced that we would collect {{amount}} from your account {{iban}} on {{date}}. This is cancelled.', wordsOf(told)),
      t('What is open is collected another day: we write to you before.'),
    ],
  }))

/** Tells members that a direct debit came back, and why. */
export const tellReturned = (tx: Tx, collections: readonly number[]): Promise<void> =>
  tell(tx, sql`c.id = ANY (${sql.param(collections)}::bigint[])`, told => ({
    subject: t('Your direct debit of {{amount}} came back', wordsOf(told)),
    parts: [
      t('The direct debit of {{amount}} of {{date}} from your account {{iban}} came back.', wordsOf(told)),
      ...(told.code ? [t('Your bank says: {{reason}}', { reason: t(reasonText(told.code)) })] : []),
      t('These invoices are open again:'),
      listing(told),
      t('How to pay them by transfer: {{link}}', { link: `${publicOrigin()}${currentScope().basePath}/money/pay` }),
      ...(told.mandateEnded
        ? [t('The mandate {{reference}} has ended: sign another one if you want to go on paying so.', wordsOf(told))]
        : []),
    ],
  }))

const listing = ({ invoices }: Told): string =>
  invoices.map(({ number, amount }) => t('– {{number}}: {{amount}}', { number, amount: formatMoney(amount, 'EUR') })).join('\n')

const wordsOf = ({ amount, collectOn, iban, reference, creditorId }: Told) => ({
  amount: formatMoney(amount, 'EUR'),
  date: formatDate(collectOn),
  iban: maskedIban(iban),
  reference,
  creditorId,
})

/** One mail for each collection, in its member's language. */
async function tell(
  tx: Tx,
  which: ReturnType<typeof sql>,
  words: (told: Told) => { readonly subject: string; readonly parts: readonly string[] },
): Promise<void> {
  const { rows } = await tx.execute<Told>(sql`
    SELECT m.id AS "memberId", coalesce(nullif(m.nickname, ''), CASE WHEN m.kind = 'natural' THEN nullif(m.first_name, '') END, m.display_name) AS greeting,
      m.email, m.language, m.openpgp_key AS "openpgpKey", c.amount::text, b.collect_on AS "collectOn", c.reference, c.iban, b.creditor ->> 'creditorId' AS "creditorId",
      c.return_code AS code, d.state = 'revoked' AS "mandateEnded",
      (SELECT jsonb_agg(jsonb_build_object('number', v.number, 'amount', i.amount::text) ORDER BY v.issued_on, v.id)
        FROM sepa_collection_invoice i JOIN invoice v ON v.id = i.invoice_id WHERE i.collection_id = c.id) AS invoices
    FROM sepa_collection c JOIN sepa_batch b ON b.id = c.batch_id JOIN sepa_mandate d ON d.id = c.mandate_id JOIN member m ON m.id = c.member_id
    WHERE m.email <> '' AND ${which} ORDER BY c.id`)
  const { registry } = currentScope()
  await sendMails(
    tx,
    rows.map(told =>
      withinScope({ locale: told.language || registry.config.provider.language, app: 'payments' }, () => {
        const { subject, parts } = words(told)
        return {
          to: told.email,
          subject,
          text: [t('Hello {{name}},', { name: told.greeting }), ...parts, registry.providerName].join('\n\n'),
          openpgpKey: told.openpgpKey,
          language: currentScope().locale,
          about: { kind: 'member', id: told.memberId },
        }
      }),
    ),
  )
}

import { createHash } from 'node:crypto'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { paymentReference } from '../billing/payment-reference.ts'
import type { Mail } from '../system/mail.ts'
import { formatDate, formatMoney } from '../ui/index.ts'
import { publicOrigin } from '../web/origin.ts'
import type { Debtor } from './due.ts'

/** The mail of the member's stage, in the member's language: every overdue invoice, and how to pay. */
export const reminderMail = (debtor: Debtor): Mail =>
  inTheirLanguage(debtor, () =>
    mailOf(
      debtor,
      subjectOf(debtor),
      [
        t('Hello {{name}},', { name: debtor.greeting }),
        opening(debtor),
        ...listing(debtor),
        ...consequences(debtor),
        t('If you have just paid, thank you: the money and this mail have crossed.'),
        t('If something is wrong with an invoice, or if you cannot pay all at once, answer this mail.'),
        currentScope().registry.providerName,
      ].join('\n\n'),
    ),
  )

/** What a person begins with who writes by hand, in the member's language. */
export const draftMail = (debtor: Debtor): Mail =>
  inTheirLanguage(debtor, () =>
    mailOf(
      debtor,
      subjectOf({ ...debtor, terms: { ...debtor.terms, mail: 'friendly' } }),
      [
        t('Hello {{name}},', { name: debtor.greeting }),
        opening({ ...debtor, terms: { ...debtor.terms, mail: 'friendly' } }),
        ...listing(debtor),
        currentScope().registry.providerName,
      ].join('\n\n'),
    ),
  )

/** Changes with anything that the reminder says or does: what was shown is what is sent, or nothing. */
export function digestOf(debtor: Debtor): string {
  const { to, subject, text, openpgpKey } = reminderMail(debtor)
  const { stage, invoices, suspends, spared } = debtor
  return createHash('sha256')
    .update(
      JSON.stringify([to, subject, text, openpgpKey, stage, invoices.map(({ id, due }) => [id, due]), suspends, feeOf(debtor), spared]),
    )
    .digest('hex')
    .slice(0, 32)
}

/** What reaching the stage costs; undefined when it costs nothing, or did already. */
export const feeOf = ({ reached, terms }: Debtor): string | undefined => (reached && Number(terms.fee) > 0 ? terms.fee : undefined)

const inTheirLanguage = <R>({ language }: Debtor, work: () => R): R =>
  withinScope({ locale: language || currentScope().registry.config.provider.language, app: 'reminders' }, work)

const mailOf = ({ email, openpgpKey, memberId }: Debtor, subject: string, text: string): Mail => ({
  to: email,
  subject,
  text,
  openpgpKey,
  language: currentScope().locale,
  about: { kind: 'member', id: memberId },
})

function subjectOf({ invoices, terms }: Debtor): string {
  const values = { provider: currentScope().registry.providerName, count: invoices.length }
  if (terms.mail === 'last') return t('Last reminder: {{count}} invoices of {{provider}} are not paid', values)
  return terms.mail === 'firm'
    ? t('Reminder: {{count}} invoices of {{provider}} are still not paid', values)
    : t('{{count}} invoices of {{provider}} wait for you', values)
}

function opening({ terms, totals }: Debtor): string {
  const amount = sumOf(totals)
  if (terms.mail === 'last')
    return t('We have written to you before, and {{amount}} is still not paid. This is the last reminder that we send.', { amount })
  return terms.mail === 'firm'
    ? t('We have not received {{amount}} that was due. Pay it now, or tell us what holds it up.', { amount })
    : t('It may have slipped your mind: {{amount}} was due and has not arrived yet.', { amount })
}

const sumOf = (totals: Debtor['totals']) => totals.map(({ amount, currency }) => formatMoney(amount, currency)).join(' + ')

function listing({ invoices, totals, references }: Debtor): string[] {
  const { iban, bic } = currentScope().registry.config.provider.identity
  const lines = invoices.map(({ number, currency, due, dueOn, kind }) => {
    const values = { number, amount: formatMoney(due, currency), date: formatDate(dueOn) }
    return kind === 'fee'
      ? t('– Membership fee {{number}}: {{amount}}, due on {{date}}', values)
      : t('– Invoice {{number}}: {{amount}}, due on {{date}}', values)
  })
  const [first, ...others] = invoices.map(({ number }) => number)
  const reference = [paymentReference(references, [first, ...others].join(' ')), paymentReference(references, first ?? '')].find(
    text => text.length <= 140,
  )
  const transfer = [
    t('By transfer:'),
    t('IBAN: {{iban}}', { iban: (iban ?? '').replace(/(.{4})(?=.)/g, '$1 ') }),
    ...(bic ? [t('BIC: {{bic}}', { bic })] : []),
    t('Amount: {{amount}}', { amount: sumOf(totals) }),
    t('Reference: {{reference}}', { reference: reference ?? first ?? '' }),
  ]
  return [
    lines.join('\n'),
    ...(iban ? [transfer.join('\n')] : []),
    t('Everything about what you owe, and how to pay: {{link}}', { link: `${publicOrigin()}${currentScope().basePath}/money` }),
  ]
}

function consequences(debtor: Debtor): string[] {
  const fee = feeOf(debtor)
  const { currency } = currentScope().registry.config.provider
  const references = debtor.suspends.map(({ reference }) => reference).join(', ')
  return [
    ...(fee ? [t('This reminder costs {{amount}}, which we bill apart.', { amount: formatMoney(fee, currency) })] : []),
    ...(references && debtor.terms.suspend === 'automatic'
      ? [t('Until it is paid, we suspend from today: {{references}}.', { references })]
      : []),
    ...(references && debtor.terms.suspend === 'propose' ? [t('If it stays unpaid, we may suspend: {{references}}.', { references })] : []),
  ]
}

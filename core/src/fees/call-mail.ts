import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Mail } from '../system/mail.ts'
import { formatDate, formatMoney, formatRange } from '../ui/index.ts'
import { publicOrigin } from '../web/origin.ts'
import type { Called } from './call-recipients.ts'

/** The mail that calls a member for the fee, in the member's language. `today` is ISO. */
export function callMail(member: Called, today: string): Mail {
  const { registry } = currentScope()
  const locale = member.language || registry.config.provider.language
  return withinScope({ locale, app: 'fees' }, () => ({
    to: member.email,
    subject: subjectFor(member, today),
    text: [
      t('Hello {{name}},', { name: member.greeting }),
      standing(member, today),
      ...(member.bill ? billed(member.bill) : free()),
      ...transfer(member),
      t('If you have just paid, thank you: the money and this mail have crossed.'),
      t('You can switch such mails off in your details: {{link}}', { link: publicOrigin() + url('home:me') }),
      registry.providerName,
    ].join('\n\n'),
    openpgpKey: member.openpgpKey,
    language: locale,
    about: { kind: 'member', id: member.id },
  }))
}

function subjectFor({ until }: Called, today: string): string {
  const provider = currentScope().registry.providerName
  if (until === null) return t('Your membership fee for {{provider}}', { provider })
  const values = { provider, date: formatDate(until) }
  return until < today
    ? t('Your membership of {{provider}} was paid until {{date}}', values)
    : t('Your membership of {{provider}} is paid until {{date}}', values)
}

function standing({ until }: Called, today: string): string {
  if (until === null) return t('We have no membership fee of yours yet.')
  return until < today
    ? t('Your membership was paid until {{date}}. To go on and to vote, pay the fee again.', { date: formatDate(until) })
    : t('Your membership is paid until {{date}}. To go on after that and to vote, pay the fee again.', { date: formatDate(until) })
}

const billed = (bill: NonNullable<Called['bill']>): string[] => [
  t('The fee for your membership, {{range}}, waits for you: {{amount}}. Pay it here:', {
    range: formatRange(bill.first, bill.last),
    amount: formatMoney(bill.due, bill.currency),
  }),
  `${publicOrigin()}${currentScope().basePath}/money/${bill.invoiceId}/pay`,
]

function free(): string[] {
  const { fees, provider } = currentScope().registry.config
  const values = {
    amount: formatMoney(fees.amount, provider.currency),
    minimum: formatMoney(fees.minimum, provider.currency),
    count: fees.months,
  }
  return [
    Number(fees.minimum) < Number(fees.amount)
      ? t('The fee is yours to choose, from {{minimum}} up; we advise {{amount}} for {{count}} months. Choose it and pay here:', values)
      : t('The fee is {{amount}} for {{count}} months. Pay it here:', values),
    publicOrigin() + url('fees:membership'),
  ]
}

function transfer({ bill, name }: Called): string[] {
  const { iban, bic } = currentScope().registry.config.provider.identity
  if (!iban) return []
  const lines = [
    t('Or pay by transfer:'),
    t('IBAN: {{iban}}', { iban: iban.replace(/(.{4})(?=.)/g, '$1 ') }),
    ...(bic ? [t('BIC: {{bic}}', { bic })] : []),
    t('Reference: {{reference}}', { reference: bill?.number ?? t('Membership fee {{name}}', { name }) }),
  ]
  return [lines.join('\n')]
}

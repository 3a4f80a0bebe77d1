import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { formatDate, formatMoney } from '../ui/format.ts'
import { publicOrigin } from '../web/origin.ts'
import type { InvoiceKind } from './invoice-words.tsx'
import { paymentReference } from './payment-reference.ts'

/** What a mail about an issued invoice says of it. Amounts are decimal numbers as text. */
export interface InvoiceToMail {
  readonly kind: InvoiceKind
  readonly number: string
  /** ISO. */
  readonly issuedOn: string
  readonly dueOn: string
  readonly total: string
  /** What is not covered yet. */
  readonly open: string
  readonly currency: string
  readonly name: string
  /** Of the member; empty for the provider's. */
  readonly language: string
  /** Of the subscriptions on it. */
  readonly references: readonly string[]
}

/** Subject and text of the mail that brings an invoice, in the language of the scope. */
export function mailWords(invoice: InvoiceToMail): { readonly subject: string; readonly text: string } {
  const { registry, basePath } = currentScope()
  const values = {
    name: invoice.name,
    provider: registry.providerName,
    number: invoice.number,
    amount: formatMoney(invoice.total.replace(/^-/, ''), invoice.currency),
    date: formatDate(invoice.issuedOn),
  }
  const { subject, first } = openings[invoice.kind](values)
  const paragraphs = [
    t('Hello {{name}},', values),
    first,
    ...(invoice.kind === 'credit_note' ? [] : payment(invoice)),
    t('For every line, why you are asked for it is on your page:'),
    `${publicOrigin()}${basePath}/money`,
    values.provider,
  ]
  return { subject, text: paragraphs.join('\n\n') }
}

type Opening = (values: Readonly<Record<string, string>>) => { readonly subject: string; readonly first: string }

const openings: Readonly<Record<InvoiceKind, Opening>> = {
  invoice: values => ({
    subject: t('Invoice {{number}} of {{amount}}', values),
    first: t('here is invoice {{number}} of {{date}}. It comes to {{amount}}.', values),
  }),
  credit_note: values => ({
    subject: t('Credit note {{number}} of {{amount}}', values),
    first: t('here is credit note {{number}} of {{date}}. {{amount}} are in your favour; they go towards what you owe.', values),
  }),
  fee: values => ({
    subject: t('Your membership fee of {{amount}}', values),
    first: t('here is the call for your membership fee, {{number}} of {{date}}. It comes to {{amount}}.', values),
  }),
  donation: values => ({
    subject: t('Your donation of {{amount}}', values),
    first: t('thank you for your donation of {{amount}}. Its paper, {{number}} of {{date}}, is attached.', values),
  }),
}

function payment({ open, currency, dueOn, number, references }: InvoiceToMail): string[] {
  const { identity } = currentScope().registry.config.provider
  if (Number(open) <= 0) return [t('It is paid: you have nothing to do.')]
  const values = { amount: formatMoney(open, currency), due: formatDate(dueOn), reference: paymentReference(references, number) }
  return [
    t('Still to pay: {{amount}}, by {{due}}.', values),
    ...(identity.iban
      ? [
          [
            t('By transfer to {{iban}}', { iban: spaced(identity.iban) }),
            t('With this reference, so that we recognise it: {{reference}}', values),
          ].join('\n'),
        ]
      : []),
  ]
}

/** As a bank writes an IBAN: in groups of four. */
const spaced = (iban: string): string => iban.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ')

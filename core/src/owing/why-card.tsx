import { t } from '../app/i18n.ts'
import { paymentName } from '../billing/invoice-words.tsx'
import { decimal } from '../billing/money.ts'
import type { BankLineOf } from '../payments/bank/queries.ts'
import { sayReason } from '../payments/bank/words.tsx'
import { Card, CardBody, type Content, formatDate, formatMoney, formatPercent } from '../ui/index.ts'
import type { Bill, Covering } from './explanation.ts'
import { LineWhy } from './line-why.tsx'
import type { Links } from './links.ts'
import { vatOf } from './totals.ts'
import { billName } from './words.ts'

interface Props {
  readonly bill: Bill
  readonly links: Links
  readonly title: string
  readonly actions?: Content
}

/** Every cent of one bill in one column: its lines, VAT, what covers it, and what is left. */
export function WhyCard({ bill, links, title, actions }: Props) {
  const { currency, lines } = bill
  const mentions = [...new Set(lines.map(({ vatMention }) => vatMention).filter(Boolean))]
  const vat = vatOf(lines, currency)
  // which subscription a line is of goes without saying when there is one
  const named = new Set(lines.map(({ subscription }) => subscription?.id)).size > 1
  return (
    <Card title={title} id="why" body={false} actions={actions}>
      <table class="table top">
        <caption class="visually-hidden">{title}</caption>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">{t('What')}</th>
            <th scope="col">{t('Amount')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(line => (
            <tr>
              <th scope="row">
                <LineWhy line={line} currency={currency} links={links} named={named} />
              </th>
              <td class="money">{formatMoney(line.net, currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {vat.length > 0 && <Sum label={t('Without VAT')} amount={bill.net} currency={currency} />}
          {vat.map(({ rate, base, vat: amount }) => (
            <Sum
              label={t('VAT, {{rate}} of {{base}}', { rate: formatPercent(Number(rate) / 100, 2), base: formatMoney(base, currency) })}
              amount={amount}
              currency={currency}
            />
          ))}
          <Sum
            label={t('{{bill}} of {{date}}', { bill: billName(bill.kind, bill.number), date: formatDate(bill.issuedOn) })}
            amount={bill.total}
            currency={currency}
          />
          {bill.coverings.map(covering => (
            <Sum label={<Covers covering={covering} links={links} />} amount={signed(bill, covering)} currency={currency} />
          ))}
          <Sum
            strong
            label={bill.kind === 'credit_note' ? t('Left for other bills') : t('Still to pay')}
            amount={bill.left}
            currency={currency}
          />
        </tfoot>
      </table>
      {(bill.note !== '' || mentions.length > 0 || vat.length > 0) && (
        <CardBody>
          {bill.note !== '' && <p class="pre-line">{bill.note}</p>}
          {mentions.map(mention => (
            <p class="small quiet">{mention}</p>
          ))}
          {vat.length > 0 && (
            <p class="small quiet">{t('VAT is worked out once for each rate, on the sum of its lines, and rounded to the cent.')}</p>
          )}
        </CardBody>
      )}
    </Card>
  )
}

const Sum = ({ label, amount, currency, strong }: { label: Content; amount: string; currency: string; strong?: boolean }) => (
  <tr class={strong ? 'strong' : undefined}>
    <th scope="row">{label}</th>
    <td class="money">{formatMoney(amount, currency)}</td>
  </tr>
)

/** What covers a bill is taken off it; what a credit note covers is taken off what it gives. */
const signed = ({ kind }: Bill, { amount }: Covering): string => (kind === 'credit_note' ? amount : decimal(amount).neg().toFixed(2))

function Covers({ covering: { what, id, kind, number, reference, on, bank }, links }: { covering: Covering; links: Links }) {
  const isBill = what === 'bill' || what === 'credit_note'
  const words = isBill ? billName(kind, number) : paymentName(kind, what === 'refund')
  const href = isBill ? links.bill(id) : links.payment(id)
  return (
    <>
      {href ? <a href={href}>{words}</a> : words}
      <span class="sub">{[formatDate(on), !bank && reference && t('“{{text}}”', { text: reference })].filter(Boolean).join(', ')}</span>
      {bank && <BankLine bank={bank} href={links.bankLine?.(bank.lineId)} />}
    </>
  )
}

/** What the bank statement says, and why the money was taken for this member's. */
const BankLine = ({ bank, href }: { bank: BankLineOf; href: string | undefined }) => (
  <>
    <span class="sub">
      {href ? (
        <a class="text-decoration-underline" href={href}>
          {bankWords(bank)}
        </a>
      ) : (
        bankWords(bank)
      )}
    </span>
    <span class="sub">{sayReason(bank.reason)}</span>
  </>
)

const bankWords = ({ bookedOn, label }: BankLineOf): string =>
  t('Bank line of {{date}}: “{{text}}”', { date: formatDate(bookedOn), text: label })

import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { paymentName } from '../billing/invoice-words.tsx'
import { sayReason } from '../payments/bank/words.tsx'
import { methodLabel } from '../payments/methods.ts'
import { Card, Facts, formatDate, formatMoney, Page, Stack, Table } from '../ui/index.ts'
import { idIn, nothingHere } from './bill-page.tsx'
import { ownLinks } from './links.ts'
import { type Payment, paymentOf, type Use } from './payment.ts'
import { billName } from './words.ts'

/** One of a member's own payments, and what became of every cent of it. */
export const paymentView: View = {
  path: '/money/payments/:id{[0-9]+}',
  access: 'member',
  async get(c) {
    const { db, actor } = currentScope()
    const payment = await paymentOf(db, actor.memberId ?? 0, idIn(c.req.param('id')))
    if (!payment) throw nothingHere()
    return <PaymentPage payment={payment} />
  },
}

function PaymentPage({ payment }: { payment: Payment }) {
  const links = ownLinks()
  const out = payment.amount.startsWith('-')
  const amount = formatMoney(payment.amount.replace('-', ''), payment.currency)
  return (
    <Page
      title={t('{{payment}}, {{date}}', { payment: paymentName(payment.method, out), date: formatDate(payment.receivedOn) })}
      crumbs={[{ label: t('What I owe'), href: links.ledger }]}
    >
      <Stack>
        <Card title={out ? t('Where it came from') : t('What it paid')} body={false}>
          <Table<Use>
            top
            caption={out ? t('Where it came from') : t('What it paid')}
            rows={payment.uses}
            rowHref={({ what, id }) => (what === 'bill' ? links.bill(id) : links.payment(id))}
            empty={<div class="card-body quiet">{out ? t('From nothing yet.') : t('Nothing yet: it goes towards your next bills.')}</div>}
            columns={[
              {
                key: 'what',
                label: t('What'),
                // money that went back comes from a payment, and a payment goes to money that went back
                render: ({ what, kind, number }) => (what === 'bill' ? billName(kind, number) : paymentName(kind, !out)),
                sub: ({ on }) => formatDate(on),
              },
              { key: 'amount', label: t('Amount'), align: 'money', render: use => formatMoney(use.amount, payment.currency) },
            ]}
            foot={<Foot payment={payment} />}
          />
        </Card>
        <Card title={t('Details')}>
          <Facts
            items={[
              { label: t('Amount'), value: amount },
              { label: t('How'), value: t(methodLabel(payment.method)) },
              { label: t('Date'), value: formatDate(payment.receivedOn) },
              !payment.bank && { label: t('Reference'), value: payment.reference },
              payment.bank && { label: t('On our bank statement'), value: payment.bank.label },
              payment.bank && { label: t('How we knew it'), value: sayReason(payment.bank.reason) },
              payment.reverses && {
                label: t('Undoes'),
                value: (
                  <a href={links.payment(payment.reverses.id)}>{t('the one of {{date}}', { date: formatDate(payment.reverses.on) })}</a>
                ),
              },
            ]}
          />
        </Card>
      </Stack>
    </Page>
  )
}

/** What is not used of it, and all of it. */
function Foot({ payment: { amount, left, currency } }: { payment: Payment }) {
  const row = (label: string, value: string, strong: boolean) => (
    <tr class={strong ? 'strong' : undefined}>
      <th scope="row">{label}</th>
      <td class="money">{formatMoney(value.replace('-', ''), currency)}</td>
    </tr>
  )
  return (
    <>
      {Number(left) !== 0 && row(amount.startsWith('-') ? t('Not covered') : t('Left for your next bills'), left, false)}
      {row(t('All of it'), amount, true)}
    </>
  )
}

import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import {
  ButtonLink,
  Card,
  Facts,
  formatDate,
  formatMoney,
  formatOwed,
  Note,
  PostButton,
  Slot,
  Stack,
  State,
  Stats,
  sitePath,
  Table,
} from '../ui/index.ts'
import { methodLabel } from './methods.ts'
import { type AllocationLine, type PaymentHead, paymentHead } from './queries.ts'

/** The buttons of a payment's page. */
export function PaymentActions({ row }: { row: Row }) {
  const { actor } = currentScope()
  if (Number(row.amount) < 0) return null
  return (
    <>
      {mayEverywhere(actor, 'payment.change') && (
        <ButtonLink href={url('payments:allocate', { id: row.id })} icon="switch-horizontal">
          {t('Allocate by hand')}
        </ButtonLink>
      )}
      {mayEverywhere(actor, 'payment.add') && (
        <ButtonLink href={url('payments:refund', { id: row.id })} icon="transfer">
          {t('Pay back')}
        </ButtonLink>
      )}
    </>
  )
}

/** The body of a payment's page: what it paid, and what is left of it. */
export async function PaymentDetails({ row, tx }: { row: Row; tx: Tx }) {
  const head = await paymentHead(tx, row.id)
  if (!head) return null
  const out = Number(row.amount) < 0
  return (
    <Stack>
      <Summary row={row} head={head} />
      {row.reversesId !== null && (
        <Note>
          {t('It undoes a payment:')}{' '}
          <a href={sitePath(`/admin/payments/${row.reversesId}`)}>
            {t('the one of {{date}}', { date: formatDate(String(head.reversedOn)) })}
          </a>
        </Note>
      )}
      <Card title={out ? t('What it was paid from') : t('What it paid')} body={false} actions={<Again row={row} />}>
        <Table
          caption={out ? t('What it was paid from') : t('What it paid')}
          rows={head.lines}
          rowHref={line => sitePath(`/admin/${line.what === 'payment' ? 'payments' : 'invoices'}/${line.target}`)}
          empty={<div class="card-body quiet">{out ? t('Nothing covers it yet.') : t('Nothing yet: it covers the next invoice.')}</div>}
          columns={lineColumns(String(row.currency))}
        />
      </Card>
      <Card title={t('Details')}>
        <Facts
          items={[
            { label: t('How'), value: t(methodLabel(String(row.method))) },
            { label: t('Reference'), value: String(row.reference) },
            row.invoiceId !== null && {
              label: t('For the invoice'),
              value: <a href={sitePath(`/admin/invoices/${row.invoiceId}`)}>{head.invoiceNumber}</a>,
            },
            { label: t('Comment'), value: String(row.comment) },
          ]}
        />
      </Card>
      <Slot name="payment.details" props={{ paymentId: row.id }} />
    </Stack>
  )
}

function Summary({ row, head }: { row: Row; head: PaymentHead }) {
  const currency = String(row.currency)
  const done = Number(head.left) === 0
  return (
    <Stats
      text
      items={[
        { label: t('Amount'), value: formatMoney(String(row.amount), currency), note: formatDate(String(row.receivedOn)) },
        {
          label: t('Member'),
          value: <a href={sitePath(`/admin/members/${row.memberId}`)}>{head.member}</a>,
          note:
            Number(head.owed) === 0
              ? t('owes nothing')
              : Number(head.owed) > 0
                ? t('owes {{amount}}', { amount: formatMoney(head.owed, currency) })
                : formatOwed(head.owed, currency),
        },
        {
          label: t('Not allocated'),
          value: done ? '–' : formatMoney(head.left, currency),
          note: done ? <State tone="ok">{t('Allocated')}</State> : <State tone="wait">{t('To allocate')}</State>,
        },
      ]}
    />
  )
}

/** The rules, once more, for all of the member's money. */
const Again = ({ row }: { row: Row }) =>
  mayEverywhere(currentScope().actor, 'payment.change') && (
    <PostButton
      small
      kind="plain"
      action={url('payments:reallocate', { id: row.memberId as number })}
      fields={{ payment: String(row.id) }}
      icon="refresh"
    >
      {t('Apply the rules again')}
    </PostButton>
  )

const lineColumns = (currency: string) => [
  {
    key: 'what',
    label: t('What'),
    render: (line: AllocationLine) => sayLine(line),
    sub: (line: AllocationLine) => (line.byHand ? t('by hand') : t('by the rules')),
  },
  { key: 'day', label: t('Day'), wide: true, align: 'num' as const, render: (line: AllocationLine) => formatDate(line.day, 'table') },
  { key: 'amount', label: t('Amount'), align: 'money' as const, render: (line: AllocationLine) => formatMoney(line.amount, currency) },
  ...(mayEverywhere(currentScope().actor, 'payment.change') ? [takeBack()] : []),
]

const takeBack = () => ({
  key: 'take-back',
  label: t('Take back'),
  unlabelled: true,
  align: 'end' as const,
  render: (line: AllocationLine) => (
    <PostButton small kind="plain" action={url('payments:takeBack', { id: line.id })}>
      {t('Take back')}
    </PostButton>
  ),
})

/** `Invoice 2026-02-000012`. */
const sayLine = ({ what, number, day }: Pick<AllocationLine, 'what' | 'number' | 'day'>): string =>
  what === 'payment'
    ? t('Payment of {{date}}', { date: formatDate(day) })
    : what === 'credit_note'
      ? t('Credit note {{number}}', { number: number ?? '' })
      : t('Invoice {{number}}', { number: number ?? '' })

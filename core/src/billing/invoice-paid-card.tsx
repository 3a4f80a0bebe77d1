import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import { Card, formatDate, formatMoney, sitePath, Table } from '../ui/index.ts'
import { invoicePath } from './invoice-path.ts'
import type { Covering } from './invoice-queries.ts'
import { kindWord, paymentName } from './invoice-words.tsx'
import { decimal } from './money.ts'

/** One line of the account of an invoice; the first is what it asks for. */
type Entry = Pick<Covering, 'on' | 'amount'> & { readonly covering?: Covering }

/** What was asked, what covered it, and what is still open; of a credit note, what it was used for. */
export function PaidCard({ row, coverings }: { row: Row; coverings: readonly Covering[] }) {
  const currency = String(row.currency)
  const credit = row.kind === 'credit_note'
  const sign = credit ? 1 : -1
  const entries: Entry[] = [
    { on: String(row.issuedOn), amount: String(row.total) },
    ...coverings.map(covering => ({ on: covering.on, amount: decimal(covering.amount).times(sign).toFixed(2), covering })),
  ]
  const left = decimal(String(row.total)).minus(String(row.allocated)).toFixed(2)
  const title = credit ? t('What it was used for') : t('What has been paid')
  return (
    <Card title={title} id="paid" body={false}>
      <Table<Entry>
        top
        caption={title}
        rows={entries}
        columns={[
          {
            key: 'what',
            label: t('What'),
            render: entry => <What row={row} covering={entry.covering} />,
            sub: entry => entry.covering?.note || undefined,
          },
          { key: 'on', label: t('Date'), align: 'num', render: entry => formatDate(entry.on, 'table') },
          { key: 'amount', label: t('Amount'), align: 'money', render: entry => formatMoney(entry.amount, currency) },
        ]}
        foot={
          <tr class="strong">
            <th scope="row">{credit ? t('Still to use') : t('Still owed')}</th>
            <td />
            <td class="money">{formatMoney(left, currency)}</td>
          </tr>
        }
      />
    </Card>
  )
}

function What({ row, covering }: { row: Row; covering: Covering | undefined }) {
  if (!covering) return <>{kindWord(row.kind)}</>
  const { id, what, name } = covering
  if (what === 'credit_note' || what === 'invoice')
    return (
      <>
        {what === 'credit_note' ? t('Credit note') : t('Invoice')}{' '}
        <a class="text-nowrap" href={invoicePath(id)}>
          {name}
        </a>
      </>
    )
  const words = paymentName(name, what === 'refund')
  return may(currentScope().actor, 'payment.view') ? <a href={sitePath(`/admin/payments/${id}`)}>{words}</a> : words
}

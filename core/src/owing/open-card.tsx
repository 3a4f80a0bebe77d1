import { t } from '../app/i18n.ts'
import { paymentName } from '../billing/invoice-words.tsx'
import { decimal } from '../billing/money.ts'
import { Card, formatDate, formatMoney, State, Table } from '../ui/index.ts'
import type { Balance, OpenItem } from './balances.ts'
import type { Links } from './links.ts'
import { billName } from './words.ts'

interface Props {
  readonly balance: Balance
  readonly links: Links
  readonly title: string
  readonly id: string
}

/** What makes up an amount that is owed or in credit: each bill that is open, each credit that is not used. It adds up. */
export const OpenCard = ({ balance: { currency, owed, open }, links, title, id }: Props) => (
  <Card title={title} id={id} body={false}>
    <Table<OpenItem>
      top
      caption={title}
      rows={open}
      rowHref={({ what, id }) => (what === 'bill' ? links.bill(id) : links.payment(id))}
      columns={[
        {
          key: 'what',
          label: t('What'),
          render: ({ what, kind, number, total }) => (what === 'bill' ? billName(kind, number) : paymentName(kind, !total.startsWith('-'))),
          sub: item => partOf(item, currency),
          narrow: item => (
            <span class="d-block">
              {isExpected(item) && `${t('To pay by')} `}
              {dueOf(item)}
            </span>
          ),
        },
        { key: 'due', label: t('To pay by'), wide: true, render: dueOf },
        { key: 'left', label: t('Left'), align: 'money', render: ({ left }) => formatMoney(left, currency) },
      ]}
      foot={
        <tr class="strong">
          <th scope="row">{t('All together')}</th>
          <td class="wide" />
          <td class="money">{formatMoney(owed, currency)}</td>
        </tr>
      }
    />
  </Card>
)

/** How much there was, when some of it is paid or used. */
function partOf({ on, total, left }: OpenItem, currency: string): string {
  const used = decimal(total).minus(left)
  const date = formatDate(on)
  if (used.eq(0)) return t('of {{date}}', { date })
  const words = { date, total: formatMoney(decimal(total).abs().toFixed(2), currency), used: formatMoney(used.abs().toFixed(2), currency) }
  return total.startsWith('-')
    ? t('of {{date}}: {{total}}, of which {{used}} is used', words)
    : t('of {{date}}: {{total}}, of which {{used}} is paid', words)
}

/** Whether somebody waits for it by a day. */
const isExpected = ({ left, disputed, dueOn }: OpenItem): boolean => !left.startsWith('-') && !disputed && dueOn !== null

function dueOf({ left, dueOn, disputed, late }: OpenItem) {
  if (left.startsWith('-')) return <span class="quiet">{t('in your favour')}</span>
  if (disputed) return <State name="in_dispute" />
  if (!dueOn) return ''
  return late !== null && late > 0 ? <span class="fail-text">{formatDate(dueOn)}</span> : formatDate(dueOn)
}

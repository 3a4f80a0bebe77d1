import { t } from '../app/i18n.ts'
import { type InvoiceStanding, InvoiceState, paymentName } from '../billing/invoice-words.tsx'
import { Card, CardBody, Empty, formatDate, formatMoney, Owed, Pager, Table } from '../ui/index.ts'
import { type LedgerEntry, type LedgerPage, ledgerSize } from './balances.ts'
import type { Links } from './links.ts'
import { billName } from './words.ts'

/** Everything that was billed and paid, newest first, with what was owed after each. */
export const LedgerCard = ({ ledger: { entries, page, total }, links }: { ledger: LedgerPage; links: Links }) => (
  <Card title={t('Everything billed and paid')} id="ledger" body={false}>
    <Table<LedgerEntry>
      top
      caption={t('Everything billed and paid, newest first')}
      rows={entries}
      rowHref={({ what, id }) => (what === 'bill' ? links.bill(id) : links.payment(id))}
      empty={
        <Empty title={t('Nothing billed yet')} icon="file-invoice">
          {t('Each bill and each payment will show here, with what was owed after it.')}
        </Empty>
      }
      columns={[
        {
          key: 'what',
          label: t('What'),
          render: nameOf,
          sub: noteOf,
          narrow: ({ on }) => <span class="d-block">{formatDate(on, 'table')}</span>,
        },
        { key: 'on', label: t('Date'), wide: true, align: 'num', render: ({ on }) => formatDate(on, 'table') },
        {
          key: 'state',
          label: t('State'),
          wide: true,
          render: ({ what, standing }) => what === 'bill' && <InvoiceState standing={standing as InvoiceStanding} />,
        },
        { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount, currency }) => formatMoney(amount, currency) },
        {
          key: 'balance',
          label: t('Owed then'),
          align: 'money',
          render: ({ balance, currency }) => <Owed amount={balance} currency={currency} />,
        },
      ]}
    />
    {total > ledgerSize && (
      <CardBody>
        <Pager page={page} pageSize={ledgerSize} total={total} class="mt-0" />
      </CardBody>
    )}
  </Card>
)

const nameOf = ({ what, kind, name, amount }: LedgerEntry): string =>
  what === 'bill' ? billName(kind, name) : paymentName(kind, !amount.startsWith('-'))

const noteOf = ({ what, name }: LedgerEntry) => (what === 'payment' && name ? t('“{{text}}”', { text: name }) : undefined)

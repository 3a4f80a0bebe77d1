import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import { Card, Empty, formatDate, formatMoney, formatRange, Table, Unseen } from '../ui/index.ts'
import type { GivenDonation } from './donation-rules.ts'
import { documentHref, FeeStateLabel } from './fee-words.tsx'
import type { FeeLine } from './queries.ts'

/** A member's fees, with what there is to download of each. */
export const FeesTable = ({ fees }: { fees: readonly FeeLine[] }) => (
  <Card title={t('My fees')} body={false}>
    <Table
      caption={t('Fees, the last first')}
      rows={fees}
      columns={[
        {
          key: 'when',
          label: t('When'),
          render: ({ first, last }) => formatRange(first, last),
          sub: ({ number }) => number,
          narrow: fee => <FeeDocument fee={fee} />,
        },
        { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount, currency }) => formatMoney(amount, currency) },
        { key: 'state', label: t('State'), render: ({ state }) => <FeeStateLabel state={state} /> },
        {
          key: 'document',
          label: t('Document'),
          align: 'end',
          wide: true,
          render: fee => <FeeDocument fee={fee} />,
        },
      ]}
      empty={
        <Empty title={t('No fee yet')} icon="calendar">
          {t('Each fee that you pay shows here, with its receipt.')}
        </Empty>
      }
    />
  </Card>
)

const FeeDocument = ({ fee: { id, state, invoiceId, number } }: { fee: FeeLine }) => (
  <a href={state === 'paid' ? url('fees:receipt', { id }) : documentHref(invoiceId)}>
    {state === 'paid' ? t('Receipt') : t('Call for the fee')}
    <Unseen> {number}</Unseen>
  </a>
)

/** What a member gave, with receipts. */
export const DonationsTable = ({ given }: { given: readonly GivenDonation[] }) => (
  <Card title={t('My donations')} body={false}>
    <Table
      caption={t('Donations, the last first')}
      rows={given}
      columns={[
        { key: 'givenOn', label: t('Given on'), render: ({ givenOn }) => formatDate(givenOn) },
        { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount, currency }) => formatMoney(amount, currency) },
        {
          key: 'document',
          label: t('Document'),
          align: 'end',
          render: ({ invoiceId, givenOn }) => (
            <a href={documentHref(invoiceId)}>
              {t('Receipt')}
              <Unseen> {formatDate(givenOn)}</Unseen>
            </a>
          ),
        },
      ]}
    />
  </Card>
)

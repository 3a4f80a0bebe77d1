import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, Cols, Facts, formatDate, formatMoney, formatRange, Stack, sitePath } from '../ui/index.ts'
import { billHref, FeeStateLabel } from './fee-words.tsx'
import type { FeeState } from './queries.ts'

/** The buttons of a fee's page. */
export const FeeActions = ({ row }: { row: Row }) =>
  row.state !== 'paid' && row.state !== 'withdrawn' && may(currentScope().actor, 'payment.add') ? (
    <ButtonLink href={sitePath(`/admin/payments/new?memberId=${row.memberId}&invoiceId=${row.invoiceId}&amount=${row.due}`)} icon="plus">
      {t('Record its payment')}
    </ButtonLink>
  ) : row.state === 'paid' ? (
    <ButtonLink href={url('fees:staffReceipt', { id: row.id })} icon="file-download">
      {t('Receipt')}
    </ButtonLink>
  ) : undefined

/** The body of a fee's page: what it is for, and its bill. */
export function FeeDetails({ row }: { row: Row }) {
  const money = (value: unknown) => formatMoney(String(value), String(row.currency))
  return (
    <Stack>
      <Cols even>
        <Card title={t('Membership fee')} actions={<FeeStateLabel state={row.state as FeeState} />}>
          <Facts
            items={[
              { label: t('Member'), value: <a href={sitePath(`/admin/members/${row.memberId}`)}>{String(row.member)}</a> },
              { label: t('When'), value: formatRange(String(row.first), String(row.last)) },
              { label: t('Amount'), value: money(row.amount) },
              row.withdrawnOn !== null && { label: t('Withdrawn'), value: formatDate(String(row.withdrawnOn)) },
            ]}
          />
        </Card>
        <Card title={t('Its bill')}>
          <Facts
            items={[
              { label: t('Number'), value: <a href={billHref(Number(row.invoiceId))}>{String(row.number)}</a> },
              { label: t('Issued'), value: formatDate(String(row.issuedOn)) },
              { label: t('Due'), value: formatDate(String(row.dueOn)) },
              Number(row.due) > 0 && { label: t('Left to pay'), value: money(row.due) },
              row.paidOn !== null && row.state !== 'withdrawn' && { label: t('Paid'), value: formatDate(String(row.paidOn)) },
            ]}
          />
        </Card>
      </Cols>
    </Stack>
  )
}

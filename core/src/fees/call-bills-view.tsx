import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { decimal } from '../billing/money.ts'
import { Card, formatMoney, formatNumber, formatRange, sitePath, Table } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { readChosen } from './chosen.ts'
import { type Renewal, renewalsBefore, renewBefore } from './renewals.ts'
import { ReviewPage } from './review-page.tsx'

/** Bills for the next fee of many members: shown first, then made. */
export const callBills: View = {
  path: '/admin/fees/calls/bills',
  access: 'fee.add',
  async post(c) {
    const { until, ids, apply } = await readChosen(c)
    if (!apply) return <BillsReview until={until} renewals={await renewalsBefore(currentScope().db, until, ids)} />
    const made = await c.var.coin.transaction(currentScope().actor, tx => renewBefore(tx, until, ids ?? []))
    return redirectTo(c, `${sitePath('/admin/fees')}?view=unpaid`, t('{{count}} bills are issued.', { count: made.length }))
  },
}

function BillsReview({ until, renewals }: { until: string; renewals: readonly Renewal[] }) {
  const { currency } = currentScope().registry.config.provider
  const total = renewals.reduce((sum, { amount }) => sum.plus(amount), decimal(0)).toFixed(2)
  return (
    <ReviewPage
      title={t('Bills for the next fee')}
      sum={
        renewals.length === 0
          ? t('Nobody needs a bill: each of them has one for a later fee, or is not a member.')
          : t('{{count}} members get a bill, {{total}} in all.', { count: renewals.length, total: formatMoney(total, currency) })
      }
      until={until}
      ids={renewals.map(({ memberId }) => memberId)}
      action={url('fees:callBills')}
      submit={t('Issue the bills')}
    >
      {renewals.length > 0 && (
        <Card title={t('What they ask for')} note={formatNumber(renewals.length)} body={false}>
          <Table
            caption={t('Members, by name')}
            rows={renewals}
            rowHref={({ memberId }) => sitePath(`/admin/members/${memberId}`)}
            columns={[
              { key: 'name', label: t('Name'), render: ({ name }) => name },
              { key: 'when', label: t('When'), render: ({ first, last }) => formatRange(first, last) },
              { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount }) => formatMoney(amount, currency) },
            ]}
          />
        </Card>
      )}
    </ReviewPage>
  )
}

import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { PostalAddress } from '../members/page.tsx'
import { Card, Facts, formatDate, formatMoney, formatOwed, sitePath } from '../ui/index.ts'
import { invoicePath } from './invoice-path.ts'
import type { InvoiceSide } from './invoice-queries.ts'

/** Who it is to, as it was when it was issued. */
export function ToCard({ row, side }: { row: Row; side: InvoiceSide }) {
  // written by the trigger that issues; the member's own names for a postal address
  const snapshot = row.memberSnapshot as Readonly<Record<string, string>> | null
  const name = snapshot?.name ?? side.member
  const owed = Number(side.owed)
  return (
    <Card title={t('To')}>
      <p>
        <a href={sitePath(`/admin/members/${row.memberId}`)}>{name}</a>
        {snapshot && (
          <>
            <br />
            <span class="quiet">
              <PostalAddress row={{ address: '', postalCode: '', city: '', country: '', ...snapshot }} />
            </span>
          </>
        )}
      </p>
      <Facts
        items={[
          { label: t('Reference'), value: side.subscriptions && <References of={side.subscriptions} /> },
          {
            label: t('Balance today'),
            value:
              owed > 0
                ? t('owes {{amount}}', { amount: formatMoney(side.owed, String(row.currency)) })
                : formatOwed(side.owed, String(row.currency)),
          },
        ]}
      />
    </Card>
  )
}

const References = ({ of }: { of: NonNullable<InvoiceSide['subscriptions']> }) =>
  of.map(({ id, reference }, index) => (
    <>
      {index > 0 && ', '}
      <a href={sitePath(`/admin/subscriptions/${id}`)}>{reference}</a>
    </>
  ))

/** The invoice that a credit note corrects, or the credit notes for an invoice. */
export function CreditsCard({ row, side }: { row: Row; side: InvoiceSide }) {
  const currency = String(row.currency)
  if (side.corrects)
    return (
      <Card title={t('Corrects')}>
        <a href={invoicePath(side.corrects.id)}>{t('Invoice {{number}}', { number: side.corrects.number })}</a>
      </Card>
    )
  if (!side.credits) return null
  return (
    <Card title={t('Credit notes')}>
      <Facts
        ends
        items={side.credits.map(({ id, number, total, on }) => ({
          label: (
            <>
              <a href={invoicePath(id)}>{number ?? t('Draft')}</a>
              {on && (
                <>
                  <br />
                  <span class="small">{formatDate(on)}</span>
                </>
              )}
            </>
          ),
          value: formatMoney(total, currency),
          kind: 'money' as const,
        }))}
      />
    </Card>
  )
}

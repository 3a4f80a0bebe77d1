import { t } from '../app/i18n.ts'
import { decimal } from '../billing/money.ts'
import { Card, Facts, formatDate, formatMoney, Note } from '../ui/index.ts'
import type { NextBill } from './next-bill.ts'

/** What the next run will bill, as things are known now. */
export const NextCard = ({ next: { on, bills } }: { next: NextBill }) => (
  <>
    {bills.map(({ currency, lines, total, vat }) => (
      <Card title={t('The next bill, about {{date}}', { date: formatDate(on) })} id={`next-${currency}`}>
        <Facts
          ends
          items={[
            ...lines.map(({ description, net }) => ({ label: description, value: formatMoney(net, currency), kind: 'money' as const })),
            !decimal(vat).eq(0) && { label: t('VAT'), value: formatMoney(vat, currency), kind: 'money' },
            { label: t('Expected in all'), value: formatMoney(total, currency), kind: 'money', strong: true },
          ]}
        />
        <p class="hint">{t('As things are today: what changes until then changes it.')}</p>
      </Card>
    ))}
  </>
)

/** What was drafted and is not issued: it is neither owed yet nor part of the next bill. */
export const Prepared = ({ prepared }: { prepared: readonly { readonly currency: string; readonly total: string }[] }) => (
  <>
    {prepared.map(({ currency, total }) => (
      <Note tone="wait">
        {total.startsWith('-')
          ? t('A credit note of {{amount}} is being prepared.', { amount: formatMoney(total.slice(1), currency) })
          : t('A bill of {{amount}} is being prepared.', { amount: formatMoney(total, currency) })}
      </Note>
    ))}
  </>
)

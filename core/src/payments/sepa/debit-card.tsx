import { t } from '../../app/i18n.ts'
import { currentScope } from '../../app/scope.ts'
import { url } from '../../app/url.ts'
import { decimal } from '../../billing/money.ts'
import { Card, formatDate, formatMoney } from '../../ui/index.ts'
import type { OwnMandate, Payable } from '../pay-queries.ts'
import { maskedIban } from './iban.ts'

/** Says of bills that a direct debit collects them, and when: there is nothing to do. */
export function DebitCard({ bills, mandate }: { bills: readonly Payable[]; mandate: OwnMandate | undefined }) {
  const days = [...Map.groupBy(bills, ({ collectOn }) => collectOn)].sort(([one], [other]) => (one ?? '9').localeCompare(other ?? '9'))
  const { prenotificationDays } = currentScope().registry.config.payments.directDebit
  return (
    <Card
      title={t('Collected by direct debit')}
      id="debit"
      actions={
        <a class="small quiet u" href={url('payments:ownMandate')}>
          {t('My mandate')}
        </a>
      }
    >
      {days.map(([day, own]) => {
        const amount = formatMoney(own.reduce((sum, { open }) => sum.plus(open), decimal(0)).toFixed(2), 'EUR')
        const numbers = own.map(({ number }) => number).join(', ')
        return (
          <p>
            {day
              ? t('On {{date}} we collect {{amount}} for {{numbers}}. You have nothing to do.', { date: formatDate(day), amount, numbers })
              : t(
                  'We collect {{amount}} for {{numbers}} next time, and write to you {{days}} days before at least. You have nothing to do.',
                  {
                    amount,
                    numbers,
                    days: prenotificationDays,
                  },
                )}
          </p>
        )
      })}
      {mandate && <p class="quiet">{t('From your account {{iban}}.', { iban: maskedIban(mandate.iban) })}</p>}
    </Card>
  )
}

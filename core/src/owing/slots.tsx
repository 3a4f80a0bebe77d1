import { t } from '../app/i18n.ts'
import { currentScope, may } from '../app/scope.ts'
import type { SlotRenderers } from '../app/slots.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, Facts, formatDate, formatMoney, formatOwed, State } from '../ui/index.ts'
import { balancesOf } from './balances.ts'
import { standingOf } from './standing.ts'

/** Where what is owed shows on pages of others. */
export const slots = { 'member.details': MemberMoney } satisfies SlotRenderers

async function MemberMoney({ memberId }: { memberId: number }) {
  const { db, actor } = currentScope()
  if (!may(actor, 'invoice.view')) return undefined
  const balances = await balancesOf(db, memberId)
  const late = balances.some(balance => Number(standingOf(balance).late) > 0)
  return (
    <Card title={t('Money')} actions={late && <State name="overdue" />}>
      {balances.length === 0 && <p class="quiet">{t('Nothing was billed yet.')}</p>}
      {balances.map(balance => {
        const { currency, owed, lastPayment } = balance
        const standing = standingOf(balance)
        return (
          <Facts
            items={[
              { label: t('Balance'), value: Number(owed) === 0 ? t('owes nothing') : formatOwed(owed, currency) },
              Number(standing.late) > 0 && {
                label: t('Late'),
                value: t('{{amount}}, since {{date}}', {
                  amount: formatMoney(standing.late, currency),
                  date: formatDate(standing.dueOn ?? ''),
                }),
              },
              Number(standing.disputed) > 0 && { label: t('In dispute'), value: formatMoney(standing.disputed, currency) },
              lastPayment && {
                label: t('Last payment'),
                value: t('{{amount}} on {{date}}', { amount: formatMoney(lastPayment.amount, currency), date: formatDate(lastPayment.on) }),
              },
            ]}
          />
        )
      })}
      <p class="actions mt-3">
        <ButtonLink small href={url('owing:member', { id: memberId })}>
          {t('Every cent and why')}
        </ButtonLink>
      </p>
    </Card>
  )
}

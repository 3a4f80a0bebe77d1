import { mayWith } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { SlotRenderers } from '../app/slots.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, Facts, formatDate, formatMoney, formatOwed, State, StatItem } from '../ui/index.ts'
import { balancesOf } from './balances.ts'
import { standingOf } from './standing.ts'

/** Where what is owed shows on pages of others. */
export const slots = {
  'member.stats': OwesStat,
  'member.side': MemberMoney,
  'subscription.stats': OwesStat,
  'subscription.side': MemberMoney,
} satisfies SlotRenderers

/** What a member owes, as one of the figures at the top. */
async function OwesStat({ memberId }: { memberId: number }) {
  if (!(await mayWith('invoice.view', 'member', memberId))) return undefined
  const balances = await balancesOf(currentScope().db, memberId)
  const [first] = balances
  const standing = first && standingOf(first)
  const late = standing !== undefined && Number(standing.late) > 0
  return (
    <StatItem
      label={t('Owes us')}
      value={
        <a href={url('owing:member', { id: memberId })}>
          {balances.every(({ owed }) => Number(owed) === 0)
            ? t('owes nothing')
            : balances.map(({ owed, currency }) => formatOwed(owed, currency)).join(', ')}
        </a>
      }
      bad={late}
      note={
        standing?.dueOn
          ? late
            ? t('{{amount}} late', { amount: formatMoney(standing.late, first?.currency) })
            : t('Due {{date}}', { date: formatDate(standing.dueOn) })
          : first?.lastPayment
            ? t('Last payment on {{date}}', { date: formatDate(first.lastPayment.on) })
            : t('Nothing was billed yet.')
      }
    />
  )
}

async function MemberMoney({ memberId }: { memberId: number }) {
  const { db } = currentScope()
  if (!(await mayWith('invoice.view', 'member', memberId))) return undefined
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

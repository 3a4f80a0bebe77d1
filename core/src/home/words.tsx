import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { formatDate, formatMoney, formatPercent, State } from '../ui/index.ts'
import type { OwnDiscount, OwnSubscription } from './own.ts'

/** How much a prefix holds, as a person counts: "8 addresses", "256 networks". */
export function sizeOf(prefix: string): string {
  const length = Number(prefix.split('/')[1])
  if (!prefix.includes(':')) return t('{{count}} addresses', { count: 2 ** (32 - length) })
  return length <= 64 ? t('{{count}} networks', { count: 2 ** (64 - length) }) : t('{{count}} addresses', { count: 2 ** (128 - length) })
}

/** The state of a subscription in a member's words. */
export const OwnState = ({ of }: { of: OwnSubscription }) =>
  of.state === 'active' ? (
    of.changing ? (
      <State name="running">{t('A change is on its way')}</State>
    ) : (
      <State name="works" />
    )
  ) : (
    <State name={of.state} />
  )

/** The same as a sentence, with its date. */
export function stateSentence({ state, changing, startedOn, resignedOn, suspendedUntil }: OwnSubscription): string {
  switch (state) {
    case 'future':
      return t('Starts on {{date}}', { date: formatDate(startedOn) })
    case 'ended':
      return t('Ended on {{date}}', { date: formatDate(resignedOn ?? startedOn) })
    case 'suspended':
      return suspendedUntil ? t('Suspended until {{date}}', { date: formatDate(suspendedUntil) }) : t('Suspended')
    case 'active':
      if (resignedOn) return t('Works until {{date}}', { date: formatDate(resignedOn) })
      return changing ? t('Works, a change is on its way') : t('Works')
  }
}

/** "€28.00 a month"; nothing without a price. */
export function priceOf({ fee, currency, periodMonths }: OwnSubscription): string | undefined {
  if (fee === null) return undefined
  const amount = formatMoney(fee, currency)
  if (periodMonths === 1) return t('{{amount}} a month', { amount })
  if (periodMonths === 12) return t('{{amount}} a year', { amount })
  return t('{{amount}} every {{count}} months', { amount, count: periodMonths })
}

/** "Solidarity, 20% less until 31 December 2026". */
export function discountOf({ label, amount, percent, until }: OwnDiscount, currency: string): string {
  const less = percent === null ? formatMoney(amount ?? '0', currency) : formatPercent(Number(percent) / 100, 2)
  return until
    ? t('{{label}}: {{less}} less until {{date}}', { label, less, date: formatDate(until) })
    : t('{{label}}: {{less}} less', { label, less })
}

/** The page where the member sets up what they have, when its type has one. */
export function setUpHref(of: OwnSubscription): string | undefined {
  if (!of.configuration) return undefined
  const { registry, basePath } = currentScope()
  const spec = registry.configurations.get(of.configuration.type)?.configuration.spec
  if (!spec?.views) return undefined
  return basePath + registry.reverse(`${spec.urlNamespace ?? of.configuration.type}:details`, { id: of.configuration.id })
}

import { differenceWords, moneyNotes, subjectOf } from '../admin/plan-money.tsx'
import { addressKinds, effectLines, fateOf, touched } from '../admin/plan-network.tsx'
import { t } from '../app/i18n.ts'
import type { ChangePlan, PlannedEffect, PlannedMoney } from '../app/plan.ts'
import { formatDate, formatMoney, formatRange } from '../ui/index.ts'

export { movedWords } from '../admin/plan.ts'

const marks = { added: '+', removed: '-', same: ' ' } as const

/** A plan as a terminal shows it, with the hash that has it applied. */
export function planWords({ hash, money, addresses, network }: ChangePlan): string {
  const prefixes = addressKinds.flatMap(([kind, label]) =>
    addresses.filter(address => address.kind === kind).map(address => `  ${t(label)}: ${address.prefix} ${fateOf(address)}`.trimEnd()),
  )
  return [
    `${t('Nothing has changed yet.')} ${touched(addresses, network)}`,
    t('Money'),
    ...(money.length > 0 ? money.flatMap(toldMoney) : [`  ${t('No change')}`]),
    t('Addresses'),
    ...(prefixes.length > 0 ? prefixes : [`  ${t('No change')}`]),
    t('Network'),
    ...(network.length > 0 ? network.flatMap(toldEffect) : [`  ${t('No change')}`]),
    '',
    `--if-plan ${hash}`,
  ].join('\n')
}

const toldMoney = (money: PlannedMoney): string[] => [
  `  ${[subjectOf(money), differenceWords(money)].filter(Boolean).join(': ')}`,
  ...moneyNotes(money).map(note => `    ${note}`),
  ...money.lines.map(({ kind, description, explanation, amount, currency }) =>
    `    ${marks[kind]} ${[description, explanation].filter(Boolean).join('. ')}: ${formatMoney(amount, currency)}`.replace('..', '.'),
  ),
]

function toldEffect(effect: PlannedEffect): string[] {
  const { label, about, state, from, until, error } = effect
  const lines = effectLines(effect)
  const said = [
    state === 'unreadable' ? t('Not answering') : state === 'refused' ? t('Cannot be worked out') : '',
    from === undefined ? '' : until === undefined ? t('From {{date}}', { date: formatDate(from) }) : formatRange(from, until),
    lines.length > 0 ? '' : t('No change'),
    error ?? '',
  ].filter(Boolean)
  return [`  ${[`${label}, ${about}`, ...said].join(': ')}`, ...lines.map(({ kind, text }) => `    ${marks[kind]} ${text}`)]
}

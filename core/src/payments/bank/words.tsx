import { t } from '../../app/i18n.ts'
import { formatDate, formatMoney, State, sitePath } from '../../ui/index.ts'
import type { LineRow } from './import-queries.ts'
import type { SuggestedBy } from './suggest.ts'
import type { Reason, RuleKind } from './tables.ts'

/** Why a line was matched with its member, or why it was not, in a sentence. */
export function sayReason(reason: Reason): string {
  switch (reason.by) {
    case 'reference':
      return reason.members
        ? t('The references are of several members: {{references}}', { references: reason.said.join(', ') })
        : t('By the reference {{references}}', { references: reason.said.join(', ') })
    case 'iban':
      if (reason.members) return t('Several members are paid for from the IBAN {{iban}}', { iban: reason.value })
      return reason.source === 'rule'
        ? t('By the IBAN {{iban}}, which staff confirmed', { iban: reason.value })
        : t('By the IBAN {{iban}} of a mandate', { iban: reason.value })
    case 'rule':
      return sayRule(reason.kind, reason.value, reason.members !== undefined)
    case 'name':
      return sayName(reason)
    case 'return':
      return reason.code
        ? t('Returned by the bank ({{code}}): {{reference}}', { code: reason.code, reference: reason.endToEndId })
        : t('Returned by the bank: {{reference}}', { reference: reason.endToEndId })
    case 'collected':
      return t('Recorded already with the direct debits of {{date}}', { date: formatDate(reason.on) })
    case 'hand':
      return t('Settled by hand')
    case 'ignored':
      return t('Left aside: {{reason}}', { reason: reason.text })
    case 'out':
      return t('Money that goes out of this account is left aside')
    default:
      return t('Nothing tells whose it is')
  }
}

const sayRule = (kind: RuleKind, value: string, several: boolean): string =>
  several
    ? t('“{{words}}” stands for several members', { words: value })
    : kind === 'name'
      ? t('By the name “{{words}}”, which staff confirmed', { words: value })
      : t('By the words “{{words}}”, which staff confirmed', { words: value })

function sayName({ name, fits, number, members }: Extract<Reason, { by: 'name' }>): string {
  if (fits === 'invoice') return t('By the name {{name}} and the amount of {{number}}', { name, number: number ?? '' })
  if (fits === 'balance') return t('By the name {{name}} and the amount owed', { name })
  return members && members.length > 1
    ? t('Several members may be meant by the name')
    : t('The name {{name}} is known, the amount is not', { name })
}

/** Why a member is suggested. */
export const whyWords: Readonly<Record<SuggestedBy, () => string>> = {
  reference: () => t('reference in the label'),
  iban: () => t('same IBAN as before'),
  rule: () => t('same name as before'),
  name: () => t('same name'),
  similar: () => t('last name in the label'),
  amount: () => t('an open invoice of this amount'),
}

/** What would become of a line, or became of it. */
export function LineState({ line }: { line: Pick<LineRow, 'state' | 'outcome'> }) {
  switch (line.outcome ?? line.state) {
    case 'known':
      return (
        <State tone="none" icon="circle-check">
          {t('Known already')}
        </State>
      )
    case 'match':
    case 'matched':
      return <State tone="ok">{t('Matched')}</State>
    case 'return':
      return <State tone="drift">{t('Returned')}</State>
    case 'ignore':
    case 'ignored':
      return (
        <State tone="none" icon="circle-x">
          {t('Left aside')}
        </State>
      )
    case 'undone':
      return (
        <State tone="none" icon="history">
          {t('Taken back')}
        </State>
      )
    default:
      return <State tone="drift">{t('To settle')}</State>
  }
}

/** Whose payment a line is, with links to the payments. */
export const Payers = ({ line }: { line: LineRow }) => (
  <>
    {line.payers.map(({ memberId, name, paymentId, amount }, index) => (
      <>
        {index > 0 && ', '}
        <a href={sitePath(paymentId ? `/admin/payments/${paymentId}` : `/admin/members/${memberId}`)}>{name}</a>
        {line.payers.length > 1 && ` (${formatMoney(amount, line.currency)})`}
      </>
    ))}
  </>
)

/** What names a line in a table: who paid if the bank says it, and the label under it. */
export const payerOf = ({ name, label }: Pick<LineRow, 'name' | 'label'>): string => name ?? (label || t('Without a label'))

export const formatNames: Readonly<Record<string, string>> = { camt053: 'CAMT.053', ofx: 'OFX', csv: 'CSV' }

import { t } from '../app/i18n.ts'
import type { PlannedFee, PlannedLine, PlannedMoney } from '../app/plan.ts'
import { formatDate, formatMoney, formatRange, Stack } from '../ui/index.ts'
import { reasonWords } from '../ui/reason.ts'

/** What a change does to bills: of each subscription its lines, and what a period costs instead. */
export const PlannedBills = ({ money }: { money: readonly PlannedMoney[] }) => (
  <Stack>
    {money.map(each => (
      <OneBill money={each} />
    ))}
  </Stack>
)

function OneBill({ money }: { money: PlannedMoney }) {
  return (
    <div>
      <p class="row-flex">
        <b>{subjectOf(money)}</b>
        <span class="push small quiet">{differenceWords(money)}</span>
      </p>
      {moneyNotes(money).map(note => (
        <p class="hint">{note}</p>
      ))}
      {money.lines.length > 0 && (
        <table class="table">
          <caption class="visually-hidden">{t('What the next run bills because of it')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('Line')}</th>
              <th scope="col" class="money">
                {t('Without VAT')}
              </th>
            </tr>
          </thead>
          <tbody>
            {rowsOf(money.lines).map(row => (
              <LineRow {...row} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

interface LineChange {
  readonly before: PlannedLine | undefined
  readonly after: PlannedLine | undefined
}

/** A line that takes the place of one for the same is told with it. */
function rowsOf(lines: readonly PlannedLine[]): LineChange[] {
  const removed = lines.filter(({ kind }) => kind === 'removed')
  const added = lines
    .filter(({ kind }) => kind === 'added')
    .map((after): LineChange => {
      const at = removed.findIndex(({ description, currency }) => description === after.description && currency === after.currency)
      return { after, before: at >= 0 ? removed.splice(at, 1)[0] : undefined }
    })
  return [...added, ...removed.map(before => ({ before, after: undefined }))]
}

const LineRow = ({ before, after }: LineChange) => (
  <tr>
    <th scope="row">
      {after ? after.description : <del>{before?.description}</del>}
      <span class="sub">{after ? after.explanation : t('Not billed any more')}</span>
    </th>
    <td class="money">
      {before && <del class="quiet">{formatMoney(before.amount, before.currency)}</del>}{' '}
      {after && formatMoney(after.amount, after.currency)}
    </td>
  </tr>
)

/** The subscription, or how many there are. */
export const subjectOf = ({ about, subscriptions }: PlannedMoney): string => about ?? t('{{count}} subscriptions', { count: subscriptions })

/** What the next run bills more or less, in a sentence. */
export function differenceWords({ difference, until, state }: PlannedMoney): string {
  if (state === 'too_many') return ''
  const date = formatDate(until)
  if (difference.length === 0) return t('The next run, up to {{date}}, bills the same', { date })
  return difference
    .map(({ amount, currency }) =>
      amount.startsWith('-')
        ? t('The next run, up to {{date}}, bills {{amount}} less', { date, amount: formatMoney(amount.slice(1), currency) })
        : t('The next run, up to {{date}}, bills {{amount}} more', { date, amount: formatMoney(amount, currency) }),
    )
    .join(' · ')
}

/** What a period costs instead, what is too much to work out, and what the run would set aside: sentences. */
export function moneyNotes({ fee, state, error }: PlannedMoney): string[] {
  return [
    ...(fee
      ? [
          t('{{when}}: {{after}} instead of {{before}}.', {
            when: fee.until === undefined ? t('From {{date}}', { date: formatDate(fee.from) }) : formatRange(fee.from, fee.until),
            after: feeWords(fee.after),
            before: feeWords(fee.before),
          }),
        ]
      : []),
    ...(state === 'too_many' ? [t('These are too many to work out here. A dry run shows each line before anything is billed.')] : []),
    ...(state === 'refused' && error ? [`${t('The next run could not bill this:')} ${reasonWords(error)}`] : []),
  ]
}

const feeWords = (fee: PlannedFee | null): string =>
  fee ? t('{{price}} for {{count}} months', { price: formatMoney(fee.amount, fee.currency), count: fee.months }) : t('nothing billed')

import { t } from '../app/i18n.ts'
import { decimal } from '../billing/money.ts'
import { formatDate, formatMoney } from '../ui/index.ts'
import type { BillLine, OnBill } from './explanation.ts'
import type { Links } from './links.ts'
import { reasonsOf } from './reasons.ts'
import { type Step, stepsOf } from './steps.ts'

interface Props {
  readonly line: BillLine
  readonly currency: string
  readonly links: Links
  /** Whether to say of which subscription it is. */
  readonly named: boolean
}

/** What a line is for, and why its amount is what it is: in words, as a calculation, and against what was billed before. */
export const LineWhy = ({ line, currency, links, named }: Props) => (
  <>
    <span class="text-break">{line.description}</span>
    {reasonsOf(line, currency).map(reason => (
      <span class="sub">{reason}</span>
    ))}
    {named && line.subscription && (
      <span class="sub">
        {t('Subscription')}{' '}
        <a class="quiet text-decoration-underline" href={links.subscription(line.subscription.id)}>
          {line.subscription.reference}
        </a>
      </span>
    )}
    {line.gives && (
      <span class="sub">
        {t('Gives back a line of')} <BillLink on={line.gives} links={links} />
      </span>
    )}
    {line.earlier?.map(on => (
      <span class="sub">
        {t('Billed before: {{amount}} on', { amount: formatMoney(on.net, currency) })} <BillLink on={on} links={links} />
      </span>
    ))}
    {stepsOf(line, currency).map(step => (
      <Calculated step={step} />
    ))}
    {line.credits?.map(credit => (
      <span class="sub">
        {t('{{amount}} given back by', { amount: formatMoney(decimal(credit.net).neg().toFixed(2), currency) })}{' '}
        <BillLink on={credit} links={links} />
      </span>
    ))}
    {line.correctedOn && (
      <span class="sub">
        {t('Corrected since, on')} <BillLink on={line.correctedOn} links={links} />
      </span>
    )}
  </>
)

/** Numbers in a row with what each is under it. */
const Calculated = ({ step: { terms, result } }: { step: Step }) => (
  <span class="d-block mt-2">
    <span class="calc fw-normal">
      {terms.map(({ value, caption, sign }) => (
        <>
          {sign && <Part value={sign} caption="" />}
          <Part value={value} caption={caption} />
        </>
      ))}
      <Part value="=" caption="" />
      <Part value={<b>{result.value}</b>} caption={result.caption} />
    </span>
  </span>
)

const Part = ({ value, caption }: { value: unknown; caption: string }) => (
  <span>
    {value}
    <small>{caption || '\u00a0'}</small>
  </span>
)

/** A bill by its number; one that is not issued has none and no page. */
const BillLink = ({ on, links }: { on: Pick<OnBill, 'id' | 'number'> & { readonly on?: string | null }; links: Links }) =>
  on.number === null ? (
    t('a bill that is being prepared')
  ) : (
    <>
      <a class="text-decoration-underline" href={links.bill(on.id)}>
        {on.number}
      </a>
      {on.on && ` (${formatDate(on.on, 'table')})`}
    </>
  )

import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { ButtonLink, formatDate, formatMoney, State } from '../ui/index.ts'
import { type Balance, balancesOf } from './balances.ts'
import { ownLinks } from './links.ts'
import { standingOf } from './standing.ts'

/** What a member owes, for their first page. */
export const OwnOwed = async ({ memberId }: { memberId: number }) => <OwedCards balances={await balancesOf(currentScope().db, memberId)} />

/** What a member owes, big, by when, and how to pay: one card for each currency in which something is open. */
export function OwedCards({ balances }: { balances: readonly Balance[] }) {
  const [first] = balances
  const shown = balances.filter(({ owed, open }) => Number(owed) !== 0 || open.length > 0)
  if (shown.length === 0) return <Card id="owed" title={t('Balance')} amount={t('Nothing to pay')} sentences={[lastPaid(first)]} />
  return (
    <>
      {shown.map(balance => (
        <OwedCard balance={balance} />
      ))}
    </>
  )
}

function OwedCard({ balance }: { balance: Balance }) {
  const { owed, currency } = balance
  const standing = standingOf(balance)
  const links = ownLinks()
  const sign = Math.sign(Number(owed))
  const money = (amount: string) => formatMoney(amount.replace(/^-/, ''), currency)
  const late = Number(standing.late) > 0
  return (
    <Card
      id={`owed-${currency}`}
      title={sign < 0 ? t('In your favour') : t('You owe')}
      amount={sign === 0 ? t('Nothing to pay') : money(owed)}
      state={late && <State name="overdue" />}
      sentences={[
        sign < 0 && t('It goes towards your next bills.'),
        sign > 0 && !late && standing.dueOn && t('To pay by {{date}}.', { date: formatDate(standing.dueOn) }),
        late &&
          standing.dueOn &&
          (Number(standing.late) === Number(owed)
            ? t('It was to be paid by {{date}}.', { date: formatDate(standing.dueOn) })
            : t('{{amount}} of it was to be paid by {{date}}.', { amount: money(standing.late), date: formatDate(standing.dueOn) })),
        sign > 0 && standing.since && t('Owed since {{date}}.', { date: formatDate(standing.since) }),
        Number(standing.disputed) > 0 &&
          (standing.disputed === owed
            ? t('It is in dispute: it can wait until that is settled.')
            : t('{{amount}} is in dispute: it can wait until that is settled.', { amount: money(standing.disputed) })),
        sign <= 0 && lastPaid(balance),
      ]}
      actions={
        <>
          {standing.first && links.pay && (
            <ButtonLink kind="primary" icon="building-bank" href={links.pay(standing.first.id)}>
              {t('Pay')}
            </ButtonLink>
          )}
          <ButtonLink href={`${links.ledger}#why`}>{sign > 0 ? t('Why this amount?') : t('See my bills')}</ButtonLink>
        </>
      }
    />
  )
}

const lastPaid = (balance: Balance | undefined) =>
  balance?.lastPayment &&
  t('Your last payment: {{amount}} on {{date}}.', {
    amount: formatMoney(balance.lastPayment.amount, balance.currency),
    date: formatDate(balance.lastPayment.on),
  })

interface CardProps {
  readonly id: string
  readonly title: string
  readonly amount: string
  readonly state?: unknown
  readonly sentences: readonly (string | false | null | undefined)[]
  readonly actions?: unknown
}

const Card = ({ id, title, amount, state, sentences, actions }: CardProps) => (
  <section class="card" aria-labelledby={`${id}-title`}>
    <div class="card-body">
      <h2 id={`${id}-title`} class="quiet fw-normal">
        {title}
      </h2>
      <div class="owed">
        <p class="big">{amount}</p>
        {state && <div>{state}</div>}
      </div>
      <p>{sentences.filter(Boolean).join(' ')}</p>
      {actions && <p class="actions mt-3">{actions}</p>}
    </div>
  </section>
)

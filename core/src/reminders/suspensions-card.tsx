import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { Card, formatDate, formatMoney, formatNumber, PostButton, Todo } from '../ui/index.ts'
import type { ProposedSuspension } from './suspensions.ts'
import { invoicePath, memberPath, subscriptionPath } from './words.tsx'

/** Suspensions that wait for a person, one button each; nothing without any. */
export function SuspensionsCard({ proposed }: { proposed: readonly ProposedSuspension[] }) {
  if (proposed.length === 0) return null
  const decides = mayEverywhere(currentScope().actor, 'reminder.send')
  return (
    <Card title={t('Suspensions proposed')} id="suspensions" note={formatNumber(proposed.length)} body={false}>
      <Todo
        items={proposed.map(one => ({
          tone: 'drift',
          icon: 'player-pause',
          text: <Sentence one={one} />,
          action: decides && (
            <div class="actions">
              <PostButton small action={url('reminders:suspend', { id: one.id })}>
                {t('Suspend')}
              </PostButton>
              <PostButton small kind="plain" action={url('reminders:decline', { id: one.id })}>
                {t('Leave it on')}
              </PostButton>
            </div>
          ),
        }))}
      />
    </Card>
  )
}

const Sentence = ({ one }: { one: ProposedSuspension }) => (
  <>
    <b>
      <a href={subscriptionPath(one.subscriptionId)}>{one.reference}</a>, <a href={memberPath(one.memberId)}>{one.member}</a>
    </b>{' '}
    {t('was reminded on {{date}} and has not paid:', { date: formatDate(one.sentOn) })}{' '}
    {one.invoices.map(({ id, number, due, currency }, index) => (
      <>
        {index > 0 && ', '}
        <a href={invoicePath(id)}>{number}</a> ({formatMoney(due, currency)})
      </>
    ))}
  </>
)

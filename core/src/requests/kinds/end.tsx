import { sql } from 'drizzle-orm'
import { t } from '../../app/i18n.ts'
import { defineRequest, type MemberRequest } from '../../app/request-kind.ts'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError, invalid } from '../../errors.ts'
import { resign } from '../../subscriptions/rules.ts'
import { subscriptionResource } from '../../subscriptions/subscription-resource.tsx'
import { Address, Card, formatDate } from '../../ui/index.ts'
import { requireAlso } from '../allowed.ts'
import { dayFromNow, ownRunning, type Running, runningOf } from '../choices.ts'

/** A member wants a subscription to end. */
export const endOfSubscription = defineRequest({
  name: 'end',
  label: 'The end of a subscription',
  help: 'You say which one, and its last day',
  icon: 'door-exit',
  planned: true,
  fields: {
    subscriptionId: { label: 'Subscription', kind: 'choice', choices: ownRunning, required: true },
    lastDay: {
      label: 'Last day',
      kind: 'date',
      required: true,
      help: 'The service works through this day, and it is the last one that is billed',
    },
  },
  explain: async (memberId, tx) => <WhatHappens running={await runningOf(tx, memberId)} />,
  async check({ memberId, subscriptionId, wanted }, tx) {
    const running = (await runningOf(tx, memberId)).find(({ id }) => id === subscriptionId)
    if (!running) throw invalid('subscriptionId', 'Choose one of your subscriptions that has no end yet.')
    const earliest = earliestEnd()
    if (String(wanted.lastDay) < earliest)
      throw invalid('lastDay', 'The last day is {{date}} at the earliest.', { date: formatDate(earliest) })
    if (String(wanted.lastDay) < running.startedOn)
      throw invalid('lastDay', 'The subscription starts on {{date}}, after this day.', { date: formatDate(running.startedOn) })
  },
  settles: { lastDay: { label: 'Last day', kind: 'date', required: true } },
  proposed: async ({ wanted }) => ({ lastDay: wanted.lastDay }),
  accept: async ({ subscriptionId, memberId }, { lastDay }, tx) =>
    resign(tx, await stillTheirs({ subscriptionId, memberId }, tx), String(lastDay)),
})

const earliestEnd = () => dayFromNow(currentScope().registry.config.requests.endNoticeDays)

/** The subscription, while it is there, the member’s, and for whoever accepts to change: it may have been removed or handed over since. */
export async function stillTheirs(
  { subscriptionId, memberId }: Pick<MemberRequest, 'subscriptionId' | 'memberId'>,
  tx: Tx,
): Promise<number> {
  const { rows } = await tx.execute(sql`SELECT FROM subscription WHERE id = ${subscriptionId} AND member_id = ${memberId} FOR UPDATE`)
  if (subscriptionId === null || rows.length === 0)
    throw new CoinError('refused', 'The subscription is gone, or belongs to somebody else now.', { hint: 'Answer, or refuse the request.' })
  await requireAlso(subscriptionResource, 'change', subscriptionId, tx)
  return subscriptionId
}

const WhatHappens = ({ running }: { running: readonly Running[] }) => {
  const prefixes = running.flatMap(of => of.prefixes)
  const restDays = Math.max(0, ...running.map(of => of.restDays))
  return (
    <Card title={t('What happens when it ends')}>
      <ul>
        <li>{t('The last day is {{date}} at the earliest.', { date: formatDate(earliestEnd()) })}</li>
        {running.map(
          ({ offer, committedUntil }) =>
            committedUntil && (
              <li>
                {t('You have committed to {{offer}} until {{date}}: tell us why you want to leave before.', {
                  offer,
                  date: formatDate(committedUntil),
                })}
              </li>
            ),
        )}
        {prefixes.length > 0 && (
          <li>
            {t('Its addresses go back to us after the last day:')}{' '}
            {prefixes.map((prefix, index) => (
              <>
                {index > 0 && ', '}
                <Address>{prefix}</Address>
              </>
            ))}
            . {restDays > 0 && t('They rest for {{count}} days before somebody else may get them.', { count: restDays })}
          </li>
        )}
        <li>{t('Days after the last one are not billed. What you have been billed for them is given back with the next bill.')}</li>
        <li>{t('What you owe until then stays to be paid.')}</li>
        <li>{t('Your membership goes on. To leave altogether, say so in the message.')}</li>
      </ul>
    </Card>
  )
}

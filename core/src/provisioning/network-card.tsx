import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, isStaff } from '../app/scope.ts'
import { Card } from '../ui/card.tsx'
import { Moment } from '../ui/moment.tsx'
import { State, worstState } from '../ui/state.tsx'
import { refusalOf, statesOf } from './state.ts'

/** What the network makes of a subscription's configuration: for staff, and only when something is not as it should be. */
export async function NetworkCard({ subscriptionId }: { readonly subscriptionId: number }) {
  const { actor, db } = currentScope()
  if (!isStaff(actor)) return undefined
  const { rows } = await db.execute<{ id: number }>(sql`SELECT id FROM configuration WHERE subscription_id = ${subscriptionId}`)
  const id = rows[0]?.id
  if (id === undefined) return undefined
  const [refusal, states] = [await refusalOf(db, id), await statesOf(db, id)]
  const open = states.filter(({ state }) => state !== 'in_sync')
  const worst = refusal ? 'failed' : worstState(open.map(({ state }) => state))
  if (!worst) return undefined
  return (
    <Card title={t('On the network')} actions={<State name={worst} />}>
      {refusal && (
        <p>
          {t('A change made outside of Coin cannot be accepted:')} {refusal.message} {refusal.hint} (<Moment at={refusal.since} relative />)
        </p>
      )}
      {open.map(({ backend, state, error, attempts, since }) => (
        <p>
          <State name={state} /> <b>{backend}</b> {error} {attempts > 0 && t('{{count}} attempts', { count: attempts })} (
          <Moment at={since} relative />)
        </p>
      ))}
    </Card>
  )
}

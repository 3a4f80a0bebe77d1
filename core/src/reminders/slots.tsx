import { sql } from 'drizzle-orm'
import { mayWith } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { SlotRenderers } from '../app/slots.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import { ButtonLink, Card, Empty, formatDate, formatMoney, Note, Table, Todo } from '../ui/index.ts'
import { countDue } from './due-count.ts'
import { pauseOf } from './pause-card.tsx'
import { countProposed } from './suspensions.ts'
import { stageWord } from './words.tsx'

/** Where reminders show on pages of others. */
export const slots = {
  'member.details': MemberReminders,
  'home.staff': TodayReminders,
  'subscription.details': SubscriptionReminder,
} satisfies SlotRenderers

interface SentReminder extends Record<string, unknown> {
  readonly id: number
  readonly sentOn: string
  readonly stage: number | null
  readonly subject: string
  readonly body: string
  readonly sentBy: string
  readonly totals: readonly { readonly currency: string; readonly amount: string }[]
}

async function remindersOf(db: Tx, memberId: number): Promise<readonly SentReminder[]> {
  const { rows } = await db.execute<SentReminder>(sql`
    SELECT r.id, r.sent_on AS "sentOn", r.stage, r.subject, r.body, r.sent_by AS "sentBy",
      coalesce((SELECT jsonb_agg(jsonb_build_object('currency', e.currency, 'amount', e.due::text)) FROM (
        SELECT i.currency, sum(x.due) AS due FROM reminder_invoice x JOIN invoice i ON i.id = x.invoice_id WHERE x.reminder_id = r.id GROUP BY 1) e), '[]') AS totals
    FROM reminder r WHERE r.member_id = ${memberId} ORDER BY r.sent_on DESC, r.id DESC LIMIT 20`)
  return rows
}

async function MemberReminders({ memberId }: { memberId: number }) {
  const { db, actor } = currentScope()
  if (!(await mayWith('invoice.view', 'member', memberId))) return undefined
  const [sent, pause] = [await remindersOf(db, memberId), await pauseOf(db, memberId)]
  return (
    <Card title={t('Reminders')} body={false}>
      {pause && (
        <div class="card-body">
          <Note icon="player-pause">
            {pause.until
              ? t('Paused until {{date}}: {{reason}}', { date: formatDate(pause.until), reason: pause.reason })
              : t('Paused: {{reason}}', { reason: pause.reason })}
          </Note>
        </div>
      )}
      <Table
        caption={t('Reminders, the last first')}
        rows={sent}
        top
        columns={[
          {
            key: 'sentOn',
            label: t('Sent on'),
            render: ({ sentOn }) => formatDate(sentOn, 'table'),
            sub: ({ subject, body }) => (
              <details>
                <summary>{subject}</summary>
                <div class="pre-line">{body}</div>
              </details>
            ),
          },
          { key: 'stage', label: t('Stage'), wide: true, render: ({ stage }) => stageWord(stage), sub: ({ sentBy }) => sentBy },
          {
            key: 'amount',
            label: t('Overdue then'),
            align: 'money',
            render: ({ totals }) => totals.map(({ amount, currency }) => formatMoney(amount, currency)).join(' + '),
          },
        ]}
        empty={
          <Empty title={t('No reminder yet')} icon="mail">
            {t('What was sent about overdue invoices shows here.')}
          </Empty>
        }
      />
      {mayEverywhere(actor, 'reminder.send') && (
        <div class="card-body actions">
          <ButtonLink small href={url('reminders:hand', { id: memberId })} icon="mail">
            {t('Write a reminder')}
          </ButtonLink>
        </div>
      )}
    </Card>
  )
}

/** On the first page of staff: how many reminders are due, and what they propose. */
async function TodayReminders() {
  const { db, actor } = currentScope()
  if (!mayEverywhere(actor, 'invoice.view')) return undefined
  const [due, proposed] = [await countDue(db), await countProposed(db)]
  if (due === 0 && proposed === 0) return undefined
  const see = (words: string) => (
    <ButtonLink small href={url('reminders:preview')}>
      {words}
    </ButtonLink>
  )
  return (
    <Card title={t('Reminders')} body={false}>
      <Todo
        items={[
          ...(due > 0
            ? [
                {
                  tone: 'wait' as const,
                  icon: 'mail',
                  text: <b>{t('{{count}} members are late enough for a reminder.', { count: due })}</b>,
                  action: see(t('See who')),
                },
              ]
            : []),
          ...(proposed > 0
            ? [
                {
                  tone: 'drift' as const,
                  icon: 'player-pause',
                  text: <b>{t('{{count}} suspensions are proposed.', { count: proposed })}</b>,
                  action: see(t('Decide')),
                },
              ]
            : []),
        ]}
      />
    </Card>
  )
}

interface Standing extends Record<string, unknown> {
  readonly state: 'proposed' | 'made'
  readonly sentOn: string
  readonly numbers: readonly string[]
}

/** On a subscription: why a reminder suspended it, or proposes to. */
async function SubscriptionReminder({ subscriptionId }: { subscriptionId: number }) {
  const { db } = currentScope()
  if (!(await mayWith('invoice.view', 'subscription', subscriptionId))) return undefined
  const { rows } = await db.execute<Standing>(sql`
    SELECT w.state, r.sent_on AS "sentOn", coalesce((SELECT jsonb_agg(i.number ORDER BY i.due_on, i.id) FROM reminder_invoice x JOIN invoice i ON i.id = x.invoice_id
      WHERE x.reminder_id = r.id AND i.allocated <> i.total), '[]') AS numbers
    FROM reminder_suspension w JOIN reminder r ON r.id = w.reminder_id WHERE w.subscription_id = ${subscriptionId} AND w.state IN ('proposed', 'made')`)
  const [standing] = rows
  if (!standing) return undefined
  const values = { date: formatDate(standing.sentOn), invoices: standing.numbers.join(', ') }
  return (
    <Card title={t('Unpaid invoices')}>
      <Note tone={standing.state === 'made' ? 'fail' : 'drift'} icon="player-pause">
        {standing.state === 'made'
          ? t('Suspended by the reminder of {{date}}; not paid: {{invoices}}.', values)
          : t('The reminder of {{date}} proposes to suspend it; not paid: {{invoices}}.', values)}
      </Note>
    </Card>
  )
}

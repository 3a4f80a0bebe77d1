import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { invalid } from '../errors.ts'
import { Card, Field, Form, formatDate, PostButton, parseDate } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { pauseReminders, resumeReminders } from './pause.ts'
import { idIn } from './send-views.ts'

export interface Pause extends Record<string, unknown> {
  /** The last day; null: until further notice. */
  readonly until: string | null
  readonly reason: string
  readonly setBy: string
}

export async function pauseOf(db: Tx, memberId: number): Promise<Pause | undefined> {
  const { rows } = await db.execute<Pause>(
    sql`SELECT until, reason, set_by AS "setBy" FROM reminder_pause WHERE member_id = ${memberId} AND (until IS NULL OR until >= coin.today())`,
  )
  return rows[0]
}

/** Whether a member is left in peace for a while, and why; and the form to say so. */
export function PauseCard({ memberId, pause }: { memberId: number; pause: Pause | undefined }) {
  if (pause)
    return (
      <Card title={t('Reminders are paused')}>
        <p>
          {pause.until ? t('Until {{date}}.', { date: formatDate(pause.until) }) : t('Until further notice.')} {pause.reason}{' '}
          <span class="quiet">{pause.setBy}</span>
        </p>
        <PostButton small action={url('reminders:resume', { id: memberId })}>
          {t('Remind again')}
        </PostButton>
      </Card>
    )
  return (
    <Card title={t('Pause reminders')} body={false}>
      <Form frame="card-body" action={url('reminders:pause', { id: memberId })} submit={t('Pause')}>
        <Field name="reason" label={t('Why')} hint={t('They pay in parts, for example.')} />
        <Field name="until" label={t('Until')} kind="date" optional hint={t('Left empty: until further notice')} />
      </Form>
    </Card>
  )
}

export const pauseView: View = {
  path: '/admin/reminders/members/:id{[0-9]+}/pause',
  access: 'reminder.send',
  async post(c) {
    const id = idIn(c.req.param('id'))
    const { reason, until } = await c.req.parseBody()
    const typed = String(until ?? '').trim()
    const day = typed === '' ? undefined : parseDate(typed)
    if (day && !day.ok) throw invalid('until', day.message, day.values)
    await c.var.coin.transaction(c.var.actor, tx => pauseReminders(tx, id, { until: day?.value ?? null, reason: String(reason ?? '') }))
    return redirectTo(c, url('reminders:hand', { id }), t('Reminders are paused.'))
  },
}

export const resumeView: View = {
  path: '/admin/reminders/members/:id{[0-9]+}/resume',
  access: 'reminder.send',
  async post(c) {
    const id = idIn(c.req.param('id'))
    await c.var.coin.transaction(c.var.actor, tx => resumeReminders(tx, id))
    return redirectTo(c, url('reminders:hand', { id }), t('Reminders go on.'))
  },
}

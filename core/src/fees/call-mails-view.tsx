import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { Card, Cols, formatNumber, Stack, sitePath, Table } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { callMail } from './call-mail.ts'
import { amongMembers, type Called, calledMembers, notPaidFor } from './call-recipients.ts'
import { sparedWord } from './call-words.tsx'
import { sendCalls } from './calls.ts'
import { readChosen } from './chosen.ts'
import { today } from './periods.ts'
import { ReviewPage } from './review-page.tsx'

/** Calls sent by hand: who gets what is shown first, then they are sent. */
export const callMails: View = {
  path: '/admin/fees/calls/mails',
  access: 'fee.remind',
  async post(c) {
    const { until, ids, apply } = await readChosen(c)
    const { db, actor } = currentScope()
    if (!apply) {
      const members = await calledMembers(db, ids ? amongMembers(ids) : notPaidFor(until))
      return <MailsReview until={until} members={members} day={await today(db)} />
    }
    const sent = await c.var.coin.transaction(actor, tx => sendCalls(tx, ids ?? []))
    return redirectTo(c, url('fees:calls', { until }), t('{{count}} mails are on their way.', { count: sent.length }))
  },
}

function MailsReview({ until, members, day }: { until: string; members: readonly Called[]; day: string }) {
  const getting = members.filter(({ spared }) => spared === null)
  const others = members.filter(({ spared }) => spared !== null)
  return (
    <ReviewPage
      title={t('Mails that call for the fee')}
      sum={getting.length === 0 ? t('Nobody can be called today.') : t('{{count}} members get a mail.', { count: getting.length })}
      until={until}
      ids={getting.map(({ id }) => id)}
      action={url('fees:callMails')}
      submit={t('Send the mails')}
    >
      <Cols even>
        <Stack>
          {getting.length > 0 && (
            <Card title={t('They get a mail')} note={formatNumber(getting.length)} body={false}>
              <Table
                caption={t('Members, by name')}
                rows={getting}
                rowHref={({ id }) => sitePath(`/admin/members/${id}`)}
                columns={[
                  { key: 'name', label: t('Name'), render: ({ name }) => name, sub: ({ email }) => email },
                  { key: 'subject', label: t('Subject'), wide: true, render: member => callMail(member, day).subject },
                ]}
              />
            </Card>
          )}
          {others.length > 0 && (
            <Card title={t('They get none')} note={formatNumber(others.length)} body={false}>
              <Table
                caption={t('Members, by name')}
                rows={others}
                rowHref={({ id }) => sitePath(`/admin/members/${id}`)}
                columns={[
                  { key: 'name', label: t('Name'), render: ({ name }) => name },
                  { key: 'why', label: t('Why'), render: ({ spared, called }) => spared && sparedWord(spared, called) },
                ]}
              />
            </Card>
          )}
        </Stack>
        {getting[0] && <Example member={getting[0]} day={day} />}
      </Cols>
    </ReviewPage>
  )
}

/** The first of the mails, as it will be sent. */
function Example({ member, day }: { member: Called; day: string }) {
  const { subject, text, language } = callMail(member, day)
  return (
    <Card title={t('The mail to {{name}}', { name: member.name })}>
      <div lang={language}>
        <p class="strong">{subject}</p>
        <p class="pre-line">{text}</p>
      </div>
    </Card>
  )
}

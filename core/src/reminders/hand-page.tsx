import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError } from '../errors.ts'
import { memberOf } from '../members/queries.ts'
import { Card, Cols, Empty, errorOf, Field, Form, formatDate, formatMoney, Note, Page, Stack, Table } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { among, type Debtor, debtors, type LateInvoice } from './due.ts'
import { draftMail } from './mail.ts'
import { PauseCard, pauseOf } from './pause-card.tsx'
import { sendByHand } from './send.ts'
import { idIn } from './send-views.ts'
import { invoicePath, memberPath, sparedWord, sums } from './words.tsx'

/** A reminder in one's own words to one member, about what is overdue. */
export const handPage: View = {
  path: '/admin/reminders/members/:id{[0-9]+}',
  access: 'reminder.send',
  async get(c) {
    return <HandPage {...(await propsOf(idIn(c.req.param('id'))))} />
  },
  async post(c) {
    const memberId = idIn(c.req.param('id'))
    const { subject, text } = await c.req.parseBody()
    const typed = {
      subject: String(subject ?? '').trim(),
      text: String(text ?? '')
        .replace(/\r\n?/g, '\n')
        .trim(),
    }
    const errors: FieldError[] = [
      ...(/^[^\n]{1,200}$/.test(typed.subject) ? [] : [{ field: 'subject', message: 'Say in one line what it is about.' }]),
      ...(typed.text === '' ? [{ field: 'text', message: 'Write what the member is to read.' }] : []),
    ]
    if (errors.length > 0) {
      c.status(422)
      return <HandPage {...(await propsOf(memberId))} typed={typed} errors={errors} />
    }
    const sent = await c.var.coin.transaction(c.var.actor, tx => sendByHand(tx, memberId, typed))
    return sent
      ? redirectTo(c, memberPath(memberId), t('The reminder is on its way.'))
      : redirectTo(c, url('reminders:hand', { id: memberId }), t('Nothing is overdue, or a reminder went out a few days ago.'), 'fail')
  },
}

async function propsOf(memberId: number) {
  const { db } = currentScope()
  const member = await memberOf(db, memberId)
  if (!member) throw new CoinError('not_found', 'This member does not exist.')
  const [debtor] = await debtors(db, among([memberId]), 1)
  return { memberId, name: member.displayName, debtor, pause: await pauseOf(db, memberId) }
}

interface HandProps extends Awaited<ReturnType<typeof propsOf>> {
  readonly typed?: { readonly subject: string; readonly text: string }
  readonly errors?: readonly FieldError[]
}

const HandPage = (props: HandProps) => (
  <Page
    title={t('Write to {{name}}', { name: props.name })}
    errors={props.errors ?? []}
    crumbs={[
      { label: t('Reminders'), href: url('reminders:preview') },
      { label: props.name, href: memberPath(props.memberId) },
    ]}
  >
    <Cols wideLeft>
      <Stack side>
        {props.debtor && <LateCard debtor={props.debtor} />}
        <PauseCard memberId={props.memberId} pause={props.pause} />
      </Stack>
      <Stack>
        <Letter {...props} />
      </Stack>
    </Cols>
  </Page>
)

function Letter({ memberId, debtor, typed, errors }: HandProps) {
  if (!debtor)
    return (
      <section class="card">
        <Empty title={t('Nothing is overdue')} icon="circle-check">
          {t('A reminder is about invoices that are overdue and not in dispute.')}
        </Empty>
      </section>
    )
  if (debtor.spared === 'recent')
    return (
      <Note tone="wait" icon="clock">
        {sparedWord(debtor)}
      </Note>
    )
  const draft = typed ?? draftMail(debtor)
  return (
    <Form action={url('reminders:hand', { id: memberId })} submit={t('Send the reminder')} cancel={memberPath(memberId)}>
      <p class="quiet small">{t('To {{address}}', { address: debtor.email })}</p>
      <Field name="subject" label={t('Subject')} value={draft.subject} error={errorOf(errors, 'subject')} />
      <Field name="text" label={t('Text')} kind="textarea" rows={20} value={draft.text} error={errorOf(errors, 'text')} />
    </Form>
  )
}

const LateCard = ({ debtor }: { debtor: Debtor }) => (
  <Card title={t('Overdue')} note={sums(debtor.totals)} body={false}>
    <Table<LateInvoice>
      caption={t('The longest overdue first')}
      rows={debtor.invoices}
      rowHref={({ id }) => invoicePath(id)}
      columns={[
        {
          key: 'number',
          label: t('Number'),
          render: ({ number }) => number,
          sub: ({ dueOn }) => t('due on {{date}}', { date: formatDate(dueOn, 'table') }),
        },
        { key: 'due', label: t('Open'), align: 'money', render: ({ due, currency }) => formatMoney(due, currency) },
      ]}
    />
  </Card>
)

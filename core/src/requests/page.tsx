import { sql } from 'drizzle-orm'
import { loadRow, visibleTo } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, may, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import { PostalAddress } from '../members/page.tsx'
import { memberOf, type SubscriptionLine, subscriptionsOf } from '../members/queries.ts'
import { memberResource } from '../members/resource.tsx'
import { balancesOf } from '../owing/balances.ts'
import { subscriptionResource } from '../subscriptions/subscription-resource.tsx'
import { ButtonLink, Card, Cols, Facts, Field, Form, Moment, Owed, PostButton, Stack, State, sitePath } from '../ui/index.ts'
import { Conversation } from './conversation.tsx'
import { isOnlyAnswered, kindIfAny } from './kinds.ts'
import { askedOf, messagesOf } from './queries.ts'
import type { RequestRow } from './tables.ts'

const isOpen = (row: Row) => row.state === 'open' || row.state === 'waiting'

/** The buttons of a request’s page. */
export const RequestActions = ({ row }: { row: Row }) =>
  isOpen(row) && may(currentScope().actor, 'request.change') ? (
    <>
      {kindIfAny(String(row.kind)) && (
        <ButtonLink href={url('request:accept', { id: row.id })} icon="check" kind="primary">
          {isOnlyAnswered(String(row.kind)) ? t('Answer and close') : t('Accept')}
        </ButtonLink>
      )}
      <ButtonLink href={url('request:answer', { id: row.id })} icon="message">
        {t('Answer')}
      </ButtonLink>
      <ButtonLink href={url('request:refuse', { id: row.id })} icon="x">
        {t('Refuse')}
      </ButtonLink>
    </>
  ) : undefined

/** The body of a request’s page: what was asked, by whom, what was said, and who looks after it. */
export async function RequestDetails({ row, tx }: { row: Row; tx: Tx }) {
  const request = row as unknown as RequestRow
  const messages = await messagesOf(tx, request.id, { notes: true })
  const asked = await askedOf(tx, request)
  const change = may(currentScope().actor, 'request.change')
  return (
    <Cols wideLeft>
      <Stack side>
        <LookedAfter row={row} change={change} />
        {request.memberId !== null && <Who memberId={request.memberId} tx={tx} />}
      </Stack>
      <Stack>
        {asked.length > 0 && (
          <Card title={t('What was asked for')}>
            <Facts
              items={asked.map(({ label, value, href }) => ({
                label,
                value: href ? <a href={sitePath(`/admin${href}`)}>{value}</a> : value,
              }))}
            />
          </Card>
        )}
        <Card title={t('What was said')} body={false}>
          <div class="card-body">
            <Conversation messages={messages} request={request} />
          </div>
          {change && (
            <Form action={url('request:note', { id: row.id })} submit={t('Keep the note')} frame="card-body">
              <Field name="text" kind="textarea" rows={2} label={t('A note')} hint={t('For staff only: the member does not see it.')} />
            </Form>
          )}
        </Card>
      </Stack>
    </Cols>
  )
}

function LookedAfter({ row, change }: { row: Row; change: boolean }) {
  const { userId } = currentScope().actor
  const mine = userId !== undefined && row.assignedTo === userId
  return (
    <Card title={t('Who looks after it')}>
      <p>{row.assignedName ? String(row.assignedName) : t('Nobody yet')}</p>
      <p class="quiet small">
        {t('Asked')} <Moment at={row.openedAt as Date} />
      </p>
      {change && userId !== undefined && isOpen(row) && (
        <PostButton
          action={url('request:assign', { id: row.id })}
          fields={{ to: mine ? 'nobody' : 'me', version: String(row.version) }}
          icon={mine ? 'user-minus' : 'user-check'}
        >
          {mine ? t('Leave it to others') : t('I look after it')}
        </PostButton>
      )}
    </Card>
  )
}

/**
 * What one has to know of who asked to answer them: how to reach them, which comes with the request, and what they have and owe, as far as
 * who looks may see it.
 */
async function Who({ memberId, tx }: { memberId: number; tx: Tx }) {
  const { actor } = currentScope()
  const member = await memberOf(tx, memberId)
  if (!member) return null
  const seen = may(actor, 'member.view') && (await loadRow(memberResource, memberId, tx)) !== undefined
  const subscriptions = may(actor, 'subscription.view') ? await visibleSubscriptions(memberId, tx) : []
  const balances = mayEverywhere(actor, 'invoice.view') ? await balancesOf(tx, memberId) : undefined
  const open = balances?.filter(({ owed }) => Number(owed) !== 0) ?? []
  return (
    <Card title={t('Who asked')}>
      <Facts
        items={[
          {
            label: t('Member'),
            value: seen ? <a href={sitePath(`/admin/members/${memberId}`)}>{member.displayName}</a> : member.displayName,
          },
          { label: t('Status'), value: <Status status={member.status} /> },
          { label: t('E-mail address'), value: <a href={`mailto:${member.email}`}>{member.email}</a> },
          { label: t('Mobile phone'), value: member.mobilePhone },
          { label: t('Home phone'), value: member.homePhone },
          { label: t('Postal address'), value: <PostalAddress row={member} /> },
          { label: t('Language'), value: member.language.toUpperCase() },
          subscriptions.length > 0 && {
            label: t('Subscriptions'),
            value: subscriptions.map(({ id, offer, reference }) => (
              <a class="d-block" href={sitePath(`/admin/subscriptions/${id}`)}>
                {offer} ({reference})
              </a>
            )),
          },
          balances && {
            label: t('Owes'),
            value: open.length === 0 ? t('Nothing') : open.map(({ owed, currency }) => <Owed amount={owed} currency={currency} />),
          },
        ]}
      />
    </Card>
  )
}

async function visibleSubscriptions(memberId: number, tx: Tx): Promise<readonly SubscriptionLine[]> {
  const { rows } = await tx.execute<{ id: number }>(
    sql`SELECT subscription.id FROM subscription WHERE member_id = ${memberId} AND ${visibleTo(subscriptionResource, currentScope().actor)}`,
  )
  const visible = new Set(rows.map(({ id }) => Number(id)))
  return (await subscriptionsOf(tx, memberId)).filter(({ id, state }) => state !== 'ended' && visible.has(Number(id)))
}

const Status = ({ status }: { status: string }) => {
  if (status === 'pending') return <State name="to_accept" />
  return status === 'member' ? <State tone="ok">{t('Member')}</State> : <State tone="none">{t('Not a member')}</State>
}

import { readHistory, tellHistory } from '../admin/history.ts'
import { HistoryTimeline } from '../admin/timeline.tsx'
import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import {
  ButtonLink,
  Card,
  Cols,
  Empty,
  Facts,
  formatDate,
  formatNumber,
  formatRange,
  Moment,
  PostButton,
  Slot,
  Stack,
  State,
  Stats,
  sitePath,
  Table,
} from '../ui/index.ts'
import { countries, memberFields } from './fields.ts'
import { OpenpgpKey } from './openpgp-key.tsx'
import { accountOf, type MemberAccount, type SubscriptionLine, subscriptionsSeen } from './queries.ts'
import { members } from './tables.ts'

/** The buttons of a member's page. */
export const MemberActions = ({ row }: { row: Row }) => (
  <>
    {row.status === 'pending' && may(currentScope().actor, 'member.change') && (
      <PostButton action={url('members:accept', { id: row.id })} icon="user-check" kind="primary">
        {t('Accept')}
      </PostButton>
    )}
    {row.status !== 'not_member' && may(currentScope().actor, 'subscription.add') && (
      <ButtonLink href={sitePath(`/admin/subscriptions/new?memberId=${row.id}`)} icon="plus">
        {t('New subscription')}
      </ButtonLink>
    )}
  </>
)

/** How much of the past its page shows. */
const newest = 8

/** The body of a member's page in the back office. */
export async function MemberDetails({ row, tx }: { row: Row; tx: Tx }) {
  const subscriptions = await subscriptionsSeen(tx, row.id)
  const account = await accountOf(tx, row.id)
  const past = await tellHistory(currentScope().registry, tx, members, memberFields, await readHistory(tx, ['member'], row.id, newest))
  const running = subscriptions.filter(({ state }) => state !== 'ended')
  return (
    <Stack>
      <Stats
        text
        items={[
          {
            label: t('Status'),
            value: statusWord(row),
            note: t('since {{date}}', { date: formatDate(String(row.resignedOn ?? row.joinedOn)) }),
          },
          {
            label: t('Subscriptions'),
            value: formatNumber(running.length),
            note:
              running.length < subscriptions.length
                ? t('{{count}} ended', { count: subscriptions.length - running.length })
                : t('all running'),
          },
          {
            label: t('Account'),
            value: account ? t('Can sign in') : t('None'),
            note: account?.lastSeen ? (
              <>
                {t('Last seen')} <Moment at={account.lastSeen} relative />
              </>
            ) : undefined,
          },
        ]}
      >
        <Slot name="member.stats" props={{ memberId: row.id }} />
      </Stats>
      <Cols wideLeft>
        <Stack side>
          <Slot name="member.side" props={{ memberId: row.id }} />
          <Account row={row} account={account} />
          <Identity row={row} />
        </Stack>
        <Stack>
          <Subscriptions row={row} subscriptions={subscriptions} />
          <Slot name="member.details" props={{ memberId: row.id }} />
          {row.comments ? (
            <Card title={t('Comments')}>
              <p class="pre-line">{String(row.comments)}</p>
            </Card>
          ) : null}
          <Keys row={row} />
          <Card
            title={t('History')}
            actions={
              <a class="small quiet u" href={sitePath(`/admin/members/${row.id}/history`)}>
                {t('All of it')}
              </a>
            }
          >
            <HistoryTimeline entries={past} />
          </Card>
        </Stack>
      </Cols>
    </Stack>
  )
}

function statusWord(row: Row) {
  if (row.status === 'pending') return t('Pending')
  if (row.status === 'not_member') return t('Not a member')
  return row.kind === 'legal' ? t('Member, legal entity') : t('Member')
}

const Account = ({ row, account }: { row: Row; account: MemberAccount | undefined }) => (
  <Card title={t('Account')} actions={account ? <State tone="ok">{t('Can sign in')}</State> : <State tone="none">{t('None')}</State>}>
    {account ? (
      <Facts
        items={[
          { label: t('Signs in as'), value: account.email },
          { label: t('Since'), value: <Moment at={account.createdAt} /> },
        ]}
      />
    ) : (
      <>
        <p>{t('An invitation is a mail with a link to choose a password. It goes to {{email}}.', { email: String(row.email) })}</p>
        {may(currentScope().actor, 'member.change') && (
          <PostButton action={url('members:invite', { id: row.id })} icon="send">
            {t('Invite')}
          </PostButton>
        )}
      </>
    )}
  </Card>
)

const Identity = ({ row }: { row: Row }) => (
  <Card title={t('Who and where')}>
    <Facts
      items={[
        { label: t('Kind'), value: row.kind === 'legal' ? t('Legal entity') : t('Natural person') },
        { label: t('Username'), value: String(row.username) },
        { label: t('Nickname'), value: String(row.nickname) },
        row.kind === 'legal' && { label: t('Contact'), value: `${row.firstName} ${row.lastName}`.trim() },
        { label: t('E-mail address'), value: <a href={`mailto:${row.email}`}>{String(row.email)}</a> },
        { label: t('Mobile phone'), value: String(row.mobilePhone) },
        { label: t('Home phone'), value: String(row.homePhone) },
        { label: t('Postal address'), value: <PostalAddress row={row} /> },
        { label: t('Language'), value: String(row.language).toUpperCase() },
        { label: t('Member since'), value: formatDate(String(row.joinedOn)) },
        { label: t('Resignation'), value: row.resignedOn ? formatDate(String(row.resignedOn)) : '' },
        { label: t('Reminders of the membership fee'), value: row.feeReminders ? t('Sent') : t('Not wanted') },
      ]}
    />
  </Card>
)

/** An address on its lines, ended by the country. */
export const PostalAddress = ({ row }: { row: Pick<Row, string> }) => {
  const country = countries().find(({ value }) => value === row.country)?.label ?? String(row.country)
  const lines = [...String(row.address).split('\n'), `${row.postalCode} ${row.city}`.trim(), country].filter(Boolean)
  return (
    <>
      {lines.map((line, index) => (
        <>
          {index > 0 && <br />}
          {line}
        </>
      ))}
    </>
  )
}

const Subscriptions = ({ row, subscriptions }: { row: Row; subscriptions: readonly SubscriptionLine[] }) => (
  <Card title={t('Subscriptions')} body={false} note={subscriptions.length > 0 ? formatNumber(subscriptions.length) : undefined}>
    <Table<SubscriptionLine>
      caption={t('Subscriptions')}
      rows={subscriptions}
      rowHref={({ id }) => sitePath(`/admin/subscriptions/${id}`)}
      empty={
        <Empty
          title={t('No subscription yet')}
          icon="router"
          actions={
            row.status !== 'not_member' && (
              <ButtonLink href={sitePath(`/admin/subscriptions/new?memberId=${row.id}`)} icon="plus">
                {t('New subscription')}
              </ButtonLink>
            )
          }
        />
      }
      columns={[
        { key: 'offer', label: t('Offer'), render: ({ offer }) => offer, sub: ({ reference }) => reference },
        { key: 'when', label: t('When'), wide: true, render: ({ startedOn, resignedOn }) => formatRange(startedOn, resignedOn) },
        { key: 'state', label: t('State'), align: 'end', render: ({ state }) => <State name={state} /> },
      ]}
    />
  </Card>
)

const Keys = ({ row }: { row: Row }) =>
  row.openpgpKey || row.sshKeys ? (
    <Card title={t('Public keys')}>
      {row.openpgpKey ? <OpenpgpKey armoured={String(row.openpgpKey)} /> : null}
      {row.sshKeys ? (
        <section aria-label={t('SSH public keys')}>
          <pre class="diff" tabindex={0}>
            {String(row.sshKeys)}
          </pre>
        </section>
      ) : null}
    </Card>
  ) : null

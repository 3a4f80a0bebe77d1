import { mayWith } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope, may, mayEverywhere } from '../app/scope.ts'
import type { SlotRenderers } from '../app/slots.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, formatDate, formatMoney, formatRange, PostButton, sitePath, Table, Todo } from '../ui/index.ts'
import { FeeStateLabel, PaidUp, payHref } from './fee-words.tsx'
import { standingSentence } from './membership-page.tsx'
import { ownFees } from './own.ts'
import { type FeeLine, feesOf, type Standing, standingOf, unpaidCount } from './queries.ts'

/** Where the fees show on pages of others. */
export const slots = { 'member.details': MemberFees, 'home.staff': TodayFees, 'home.member': HomeFees } satisfies SlotRenderers

async function MemberFees({ memberId }: { memberId: number }) {
  const { db, actor } = currentScope()
  if (!(await mayWith('fee.view', 'member', memberId))) return undefined
  const [standing, fees] = [await standingOf(db, memberId), await feesOf(db, memberId)]
  if (!standing) return undefined
  return (
    <Card title={t('Membership fees')} actions={standing.status === 'member' && <PaidUp paidUp={standing.paidUp} />} body={false}>
      <FeeRows fees={fees} />
      <div class="card-body actions">
        {may(actor, 'fee.add') && (
          <ButtonLink small href={`${sitePath('/admin/fees/new')}?memberId=${memberId}`} icon="plus">
            {t('New membership fee')}
          </ButtonLink>
        )}
        {mayEverywhere(actor, 'fee.remind') && standing.status === 'member' && (
          <PostButton small action={url('fees:callMails')} fields={{ id: String(memberId), until: standing.today }} icon="mail">
            {t('Call for the fee')}
          </PostButton>
        )}
        {standing.called && <span class="hint align-self-center">{calledOn(standing)}</span>}
      </div>
    </Card>
  )
}

const calledOn = ({ called }: Standing) => t('Called on {{date}}', { date: formatDate(called ?? '') })

const FeeRows = ({ fees }: { fees: readonly FeeLine[] }) => (
  <Table
    caption={t('Fees, the last first')}
    rows={fees}
    rowHref={({ id }) => sitePath(`/admin/fees/${id}`)}
    columns={[
      { key: 'when', label: t('When'), render: ({ first, last }) => formatRange(first, last), sub: ({ number }) => number },
      { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount, currency }) => formatMoney(amount, currency) },
      { key: 'state', label: t('State'), align: 'end', render: ({ state }) => <FeeStateLabel state={state} /> },
    ]}
    empty={
      <p class="card-body quiet mb-0">
        {t('No fee yet')}
        <br />
        <span class="small">{t('Who pays a fee is a member who may vote.')}</span>
      </p>
    }
  />
)

/** How many members have not paid; nothing when all have. */
async function TodayFees() {
  const { db, actor } = currentScope()
  if (!mayEverywhere(actor, 'fee.view')) return undefined
  const { members, unpaid } = await unpaidCount(db)
  if (unpaid === 0) return undefined
  return (
    <Card title={t('Membership fees')} body={false}>
      <Todo
        items={[
          {
            tone: 'wait',
            icon: 'users',
            text: <b>{t('{{count}} members of {{members}} are not paid up.', { count: unpaid, members })}</b>,
            action: (
              <ButtonLink small href={url('fees:calls')}>
                {t('See who')}
              </ButtonLink>
            ),
          },
        ]}
      />
    </Card>
  )
}

async function HomeFees({ memberId }: { memberId: number }) {
  const own = await ownFees(currentScope().db, memberId)
  if (own.status !== 'member') return undefined
  const { waiting, mayRenew, paidUp } = own
  return (
    <Card title={t('My membership')} actions={<PaidUp paidUp={paidUp} />} body={false}>
      <Todo
        brief
        items={[
          {
            tone: paidUp ? 'ok' : 'wait',
            icon: 'calendar',
            text: (
              <>
                <b>
                  <a href={url('fees:membership')}>{standingSentence(own)}</a>
                </b>
                {waiting && (
                  <span class="quiet d-block small">
                    {t('{{amount}} waits for you.', { amount: formatMoney(waiting.due, waiting.currency) })}
                  </span>
                )}
              </>
            ),
            action: waiting ? (
              <ButtonLink small href={payHref(waiting.invoiceId)}>
                {t('Pay the fee')}
              </ButtonLink>
            ) : mayRenew ? (
              <ButtonLink small href={url('fees:membership')}>
                {t('Pay the fee')}
              </ButtonLink>
            ) : undefined,
          },
        ]}
      />
    </Card>
  )
}

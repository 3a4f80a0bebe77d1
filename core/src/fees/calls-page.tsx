import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import type { FieldError } from '../errors.ts'
import { Empty, errorOf, Field, formatDate, formatMoney, formatNumber, Page, parseDate, Stack, sitePath, Table } from '../ui/index.ts'
import { type Called, calledMembers, notPaidFor } from './call-recipients.ts'
import { Callable } from './call-words.tsx'
import { today } from './periods.ts'

/** More are not shown: what is done to all of them does not need them on the page. */
const mostShown = 200

/** Whose membership ends, and what may be done about it: a mail, or a bill. */
export const callsView: View = {
  path: '/admin/fees/calls',
  access: 'fee.view',
  async get(c) {
    const { db } = currentScope()
    const typed = c.req.query('until')?.trim()
    const parsed = typed ? parseDate(typed) : undefined
    const until = parsed?.ok
      ? parsed.value
      : Temporal.PlainDate.from(await today(db))
          .add({ months: 1 })
          .toString()
    const errors: FieldError[] = parsed && !parsed.ok ? [{ field: 'until', message: parsed.message, values: parsed.values }] : []
    const members = await calledMembers(db, notPaidFor(until))
    return c.html(<CallsPage until={until} typed={typed} members={members} errors={errors} />, errors.length > 0 ? 422 : 200)
  },
}

interface CallsProps {
  readonly until: string
  readonly typed: string | undefined
  readonly members: readonly Called[]
  readonly errors: readonly FieldError[]
}

const CallsPage = ({ until, typed, members, errors }: CallsProps) => (
  <Page title={t('Calls for the fee')} errors={errors} crumbs={[{ label: t('Membership fees'), href: sitePath('/admin/fees') }]}>
    <Stack>
      <form class="card" method="get" action={url('fees:calls')}>
        <div class="card-body">
          <div class="fields">
            <Field
              name="until"
              label={t('Not paid until')}
              kind="date"
              value={typed || until}
              error={errorOf(errors, 'until')}
              hint={t('Members whose last paid fee ends before this day, and those who never paid one')}
            />
            <div class="actions">
              <button class="btn" type="submit">
                {t('Show')}
              </button>
            </div>
          </div>
        </div>
      </form>
      <MembersForm until={until} members={members} />
    </Stack>
  </Page>
)

function MembersForm({ until, members }: { until: string; members: readonly Called[] }) {
  const { actor } = currentScope()
  const [mails, bills] = [mayEverywhere(actor, 'fee.remind'), mayEverywhere(actor, 'fee.add')]
  if (members.length === 0)
    return (
      <section class="card">
        <Empty title={t('Everybody has paid')} icon="circle-check">
          {t('Members whose fee ends before the day above show here, to be called for the next one.')}
        </Empty>
      </section>
    )
  return (
    <form class="card" method="post" action={mails ? url('fees:callMails') : url('fees:callBills')} aria-label={t('Members')}>
      <input type="hidden" name="until" value={until} />
      <MembersTable members={members.slice(0, mostShown)} choose={mails || bills} />
      {members.length > mostShown && (
        <p class="card-body quiet">{t('and {{count}} more members', { count: members.length - mostShown })}</p>
      )}
      {(mails || bills) && (
        <div class="bulk">
          <span class="strong">
            <output /> {t('chosen')}
          </span>
          {mails && (
            <button class="btn" type="submit">
              {t('Review the mails')}
            </button>
          )}
          {bills && (
            <button class="btn" type="submit" formaction={url('fees:callBills')}>
              {t('Review the bills')}
            </button>
          )}
          <span class="push small quiet wide">{t('Without a choice: all {{total}}.', { total: formatNumber(members.length) })}</span>
        </div>
      )}
    </form>
  )
}

const MembersTable = ({ members, choose }: { members: readonly Called[]; choose: boolean }) => (
  <Table
    caption={t('Members, by name')}
    rows={members}
    rowHref={({ id }) => sitePath(`/admin/members/${id}`)}
    {...(choose && {
      choose: { value: (member: Called) => member.id, label: (member: Called) => t('Choose {{name}}', { name: member.name }) },
    })}
    columns={[
      { key: 'name', label: t('Name'), render: ({ name }) => name },
      {
        key: 'until',
        label: t('Paid until'),
        align: 'end',
        render: ({ until }) => (until ? formatDate(until, 'table') : <span class="quiet">{t('Never')}</span>),
      },
      {
        key: 'bill',
        label: t('Waits for'),
        align: 'money',
        wide: true,
        render: ({ bill }) => (bill ? formatMoney(bill.due, bill.currency) : <span class="quiet">–</span>),
        sub: ({ bill }) => bill?.number,
      },
      { key: 'called', label: t('Last mail'), wide: true, render: ({ spared, called }) => <Callable spared={spared} called={called} /> },
    ]}
  />
)

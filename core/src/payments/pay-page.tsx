import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { ButtonLink, Card, Empty, formatDate, formatMoney, Page, Stack, State, sitePath, Table } from '../ui/index.ts'
import { type OwnMandate, ownMandate, type Payable, payableBill, payableBills } from './pay-queries.ts'
import { DebitCard } from './sepa/debit-card.tsx'
import { transferFor } from './transfer.ts'
import { TransferCard } from './transfer-card.tsx'

/** How a member pays one bill. */
export const payView: View = {
  path: '/money/:invoice{[0-9]+}/pay',
  access: 'member',
  async get(c) {
    const { db, actor } = currentScope()
    const memberId = actor.memberId ?? 0
    const id = Number(c.req.param('invoice'))
    const bill = Number.isSafeInteger(id) ? await payableBill(db, memberId, id) : undefined
    if (!bill) throw new CoinError('not_found', 'No page has this address, or it is not yours to see.')
    const open = Number(bill.open) > 0
    const others = open ? (await payableBills(db, memberId)).filter(each => each.currency === bill.currency).length : 0
    return (
      <Page
        title={t('Pay {{number}}', { number: bill.number })}
        crumbs={[
          { label: t('What I owe'), href: sitePath('/money') },
          { label: bill.number, href: sitePath(`/money/${bill.id}`) },
        ]}
        head={<BillState bill={bill} />}
        actions={others > 1 && <ButtonLink href={sitePath('/money/pay')}>{t('Pay all that is open')}</ButtonLink>}
      >
        <Stack>
          {open ? (
            <>
              {bill.disputed && <p class="quiet">{t('This bill is in dispute: it can wait until that is settled.')}</p>}
              <HowToPay bills={[bill]} mandate={await ownMandate(db, memberId)} />
            </>
          ) : (
            <Paid />
          )}
        </Stack>
      </Page>
    )
  },
}

/** How a member pays everything that is open, with one transfer in each currency. */
export const payAllView: View = {
  path: '/money/pay',
  access: 'member',
  async get() {
    const { db, actor } = currentScope()
    const memberId = actor.memberId ?? 0
    const bills = await payableBills(db, memberId)
    const mandate = await ownMandate(db, memberId)
    return (
      <Page title={t('Pay all that is open')} crumbs={[{ label: t('What I owe'), href: sitePath('/money') }]}>
        <Stack>
          {bills.length === 0 && <Paid />}
          {[...Map.groupBy(bills, ({ currency }) => currency).values()].map(own => (
            <HowToPay bills={own} mandate={mandate} listed />
          ))}
        </Stack>
      </Page>
    )
  },
}

const BillState = ({ bill }: { bill: Payable }) =>
  Number(bill.open) === 0 ? (
    <State name="paid" />
  ) : bill.disputed ? (
    <State name="in_dispute" />
  ) : (
    <>
      <State name={bill.late ? 'overdue' : 'due'} />
      <span class="quiet">
        {bill.late
          ? t('It was to be paid by {{date}}.', { date: formatDate(bill.dueOn) })
          : t('To pay by {{date}}.', { date: formatDate(bill.dueOn) })}
      </span>
    </>
  )

const Paid = () => (
  <Card title={t('Nothing to pay')} body={false}>
    <Empty title={t('It is paid')} icon="circle-check" actions={<ButtonLink href={sitePath('/money')}>{t('See my bills')}</ButtonLink>}>
      {t('Thank you. What you paid is among your bills.')}
    </Empty>
  </Card>
)

/** Whether a direct debit brings this money, so that the member has nothing to do: not after one came back. */
const isCollected = (bill: Payable, mandate: OwnMandate | undefined): boolean =>
  bill.collectOn !== null || (mandate !== undefined && bill.currency === 'EUR' && !bill.returned && !bill.disputed)

function HowToPay({ bills, mandate, listed = false }: { bills: readonly Payable[]; mandate: OwnMandate | undefined; listed?: boolean }) {
  const collected = bills.filter(bill => isCollected(bill, mandate))
  const others = bills.filter(bill => !isCollected(bill, mandate))
  return (
    <>
      {collected.length > 0 && <DebitCard bills={collected} mandate={mandate} />}
      {others.length > 0 && <TransferCard transfer={transferFor(others)} dueOn={others.length === 1 ? others[0]?.dueOn : undefined} />}
      {listed && others.length > 0 && <Bills bills={others} />}
    </>
  )
}

const Bills = ({ bills }: { bills: readonly Payable[] }) => (
  <Card title={t('What this pays')} id={`bills-${bills[0]?.currency}`} body={false}>
    <Table<Payable>
      caption={t('Bills, the oldest first')}
      rows={bills}
      rowHref={({ id }) => sitePath(`/money/${id}`)}
      columns={[
        { key: 'number', label: t('Number'), render: ({ number }) => number },
        {
          key: 'due',
          label: t('To pay by'),
          render: ({ dueOn, late }) => (late ? <span class="fail-text">{formatDate(dueOn)}</span> : formatDate(dueOn)),
        },
        { key: 'open', label: t('Left'), align: 'money', render: ({ open, currency }) => formatMoney(open, currency) },
      ]}
    />
  </Card>
)

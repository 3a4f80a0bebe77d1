import { mayWith } from '../admin/find.ts'
import type { Context } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { billHref } from '../fees/fee-words.tsx'
import { ButtonLink, Card, type Crumb, Facts, formatMoney, formatOwed, Page, Stack, sitePath } from '../ui/index.ts'
import { type Balance, balancesOf, ledgerOf, memberNamed } from './balances.ts'
import { BillHead, Disputed } from './bill-head.tsx'
import { idIn, nothingHere } from './bill-page.tsx'
import { billOf } from './explanation.ts'
import { LedgerCard } from './ledger-card.tsx'
import { staffLinks } from './links.ts'
import { pageOf } from './money-page.tsx'
import { nextBillOf, preparedFor } from './next-bill.ts'
import { NextCard, Prepared } from './next-card.tsx'
import { OpenCard } from './open-card.tsx'
import { ageingOf } from './standing.ts'
import { WhyCard } from './why-card.tsx'
import { billName } from './words.ts'

/** What a member owes, as staff see it: how late, what is open, what comes next, and everything before. */
export const memberView: View = {
  path: '/admin/members/:id{[0-9]+}/money',
  access: 'invoice.view',
  narrows: true,
  async get(c) {
    const { db } = currentScope()
    const member = await memberIn(c)
    const balances = await balancesOf(db, member.id)
    const next = await nextBillOf(db, member.id)
    const prepared = await preparedFor(db, member.id)
    const ledger = await ledgerOf(db, member.id, pageOf(c))
    const links = staffLinks(member.id)
    return (
      <Page title={t('Money of {{name}}', { name: member.name })} crumbs={crumbsOf(member)}>
        <Stack>
          {balances.map(balance => (
            <Ageing balance={balance} />
          ))}
          {balances
            .filter(({ open }) => open.length > 0)
            .map(balance => (
              <OpenCard
                balance={balance}
                links={links}
                title={t('What is open, in {{currency}}', { currency: balance.currency })}
                id={`open-${balance.currency}`}
              />
            ))}
          <Prepared prepared={prepared} />
          {next && <NextCard next={next} />}
          <LedgerCard ledger={ledger} links={links} />
        </Stack>
      </Page>
    )
  },
}

/** One bill of a member, every cent of it. */
export const memberBillView: View = {
  path: '/admin/members/:id{[0-9]+}/money/:invoice{[0-9]+}',
  access: 'invoice.view',
  narrows: true,
  async get(c) {
    const member = await memberIn(c)
    const bill = await billOf(currentScope().db, member.id, idIn(c.req.param('invoice')))
    if (!bill) throw nothingHere()
    const links = staffLinks(member.id)
    return (
      <Page
        title={billName(bill.kind, bill.number)}
        crumbs={[...crumbsOf(member), { label: t('Money'), href: links.ledger }]}
        head={<BillHead bill={bill} links={links} />}
        actions={
          <ButtonLink icon="file-invoice" href={billHref(bill.id)}>
            {t('Open the bill')}
          </ButtonLink>
        }
      >
        <Stack>
          <Disputed bill={bill} />
          <WhyCard bill={bill} links={links} title={t('What it is for')} />
        </Stack>
      </Page>
    )
  },
}

async function memberIn(c: Context): Promise<{ readonly id: number; readonly name: string }> {
  const member = await memberNamed(currentScope().db, idIn(c.req.param('id')))
  if (!member || !(await mayWith('invoice.view', 'member', member.id))) throw nothingHere()
  return member
}

const crumbsOf = ({ id, name }: { readonly id: number; readonly name: string }): readonly Crumb[] => [
  { label: t('Members'), href: sitePath('/admin/members') },
  { label: name, href: sitePath(`/admin/members/${id}`) },
]

/** What is owed in one currency by how late it is; it adds up. */
function Ageing({ balance }: { balance: Balance }) {
  const { currency, owed } = balance
  const ageing = ageingOf(balance)
  const parts: readonly (readonly [string, string])[] = [
    [t('Not due yet'), ageing.notDue],
    [t('1 to 30 days late'), ageing.upTo30],
    [t('31 to 60 days late'), ageing.upTo60],
    [t('61 to 90 days late'), ageing.upTo90],
    [t('More than 90 days late'), ageing.older],
    [t('In dispute'), ageing.disputed],
    [t('Not used yet'), ageing.unused],
  ]
  return (
    <Card title={t('Owed in {{currency}}', { currency })} note={formatOwed(owed, currency)}>
      <Facts
        ends
        items={[
          ...parts.map(
            ([label, amount]) => Number(amount) !== 0 && { label, value: formatMoney(amount, currency), kind: 'money' as const },
          ),
          { label: t('All together'), value: formatMoney(owed, currency), kind: 'money', strong: true },
        ]}
      />
    </Card>
  )
}

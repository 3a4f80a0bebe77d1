import type { Context } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { documentHref } from '../fees/fee-words.tsx'
import { formatMoney, Page, Stack } from '../ui/index.ts'
import { type Balance, balancesOf, type LedgerPage, ledgerOf } from './balances.ts'
import { type Bill, billOf } from './explanation.ts'
import { LedgerCard } from './ledger-card.tsx'
import { ownLinks } from './links.ts'
import { type NextBill, nextBillOf, preparedFor } from './next-bill.ts'
import { NextCard, Prepared } from './next-card.tsx'
import { OpenCard } from './open-card.tsx'
import { OwedCards } from './owed-card.tsx'
import { WhyCard } from './why-card.tsx'

/** What a member owes, why, what comes next, and everything before. */
export const moneyView: View = {
  path: '/money',
  access: 'member',
  async get(c) {
    const { db, actor } = currentScope()
    const memberId = actor.memberId ?? 0
    const balances = await balancesOf(db, memberId)
    return (
      <MoneyPage
        balances={balances}
        only={await onlyBill(db, memberId, balances)}
        next={await nextBillOf(db, memberId)}
        prepared={await preparedFor(db, memberId)}
        ledger={await ledgerOf(db, memberId, pageOf(c))}
      />
    )
  },
}

/** The page asked for, from 1. */
export function pageOf(c: Context): number {
  const page = Number(c.req.query('page') ?? 1)
  return Number.isInteger(page) && page > 0 && page < 1e6 ? page : 1
}

/** When all that is open is one bill, that bill: it is explained line by line at once. */
async function onlyBill(db: Tx, memberId: number, balances: readonly Balance[]): Promise<Bill | undefined> {
  const open = balances.flatMap(balance => balance.open)
  const [item] = open
  return open.length === 1 && item?.what === 'bill' ? billOf(db, memberId, item.id) : undefined
}

interface Props {
  readonly balances: readonly Balance[]
  readonly only: Bill | undefined
  readonly next: NextBill | undefined
  readonly prepared: Awaited<ReturnType<typeof preparedFor>>
  readonly ledger: LedgerPage
}

function MoneyPage({ balances, only, next, prepared, ledger }: Props) {
  const links = ownLinks()
  const open = balances.filter(balance => balance.open.length > 0)
  return (
    <Page title={t('What I owe')}>
      <Stack>
        <div class={next ? 'cols even' : 'stack'}>
          <OwedCards balances={balances} />
          {next && <NextCard next={next} />}
        </div>
        <Prepared prepared={prepared} />
        {only ? (
          <WhyCard
            bill={only}
            links={links}
            title={whyTitle({ owed: only.left, currency: only.currency })}
            actions={
              <a class="small quiet u" href={documentHref(only.id)}>
                {t('{{number}} (PDF)', { number: only.number })}
              </a>
            }
          />
        ) : (
          open.map((balance, index) => (
            <OpenCard balance={balance} links={links} title={whyTitle(balance)} id={index === 0 ? 'why' : `why-${balance.currency}`} />
          ))
        )}
        <LedgerCard ledger={ledger} links={links} />
      </Stack>
    </Page>
  )
}

const whyTitle = ({ owed, currency }: Pick<Balance, 'owed' | 'currency'>): string =>
  owed.startsWith('-')
    ? t('Why {{amount}} in your favour?', { amount: formatMoney(owed.slice(1), currency) })
    : t('Why {{amount}}?', { amount: formatMoney(owed, currency) })

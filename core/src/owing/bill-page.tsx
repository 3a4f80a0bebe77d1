import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { documentHref } from '../fees/fee-words.tsx'
import { ButtonLink, Page, Stack } from '../ui/index.ts'
import { BillHead, Disputed } from './bill-head.tsx'
import { type Bill, billOf } from './explanation.ts'
import { ownLinks } from './links.ts'
import { WhyCard } from './why-card.tsx'
import { billName } from './words.ts'

/** One of a member's own bills, every cent of it. */
export const billView: View = {
  path: '/money/:invoice{[0-9]+}',
  access: 'member',
  async get(c) {
    const { db, actor } = currentScope()
    const bill = await billOf(db, actor.memberId ?? 0, idIn(c.req.param('invoice')))
    if (!bill) throw nothingHere()
    return <BillPage bill={bill} />
  },
}

/** An id that no row has when the path names none. */
export const idIn = (text: string | undefined): number => (Number.isSafeInteger(Number(text)) ? Number(text) : 0)

/** Of what is another's there is nothing to learn, not even that it exists. */
export const nothingHere = () => new CoinError('not_found', 'No page has this address, or it is not yours to see.')

function BillPage({ bill }: { bill: Bill }) {
  const links = ownLinks()
  return (
    <Page
      title={billName(bill.kind, bill.number)}
      crumbs={[{ label: t('What I owe'), href: links.ledger }]}
      head={<BillHead bill={bill} links={links} />}
      actions={
        <>
          <ButtonLink icon="download" href={documentHref(bill.id)}>
            {t('PDF')}
          </ButtonLink>
          {Number(bill.left) > 0 && links.pay && (
            <ButtonLink kind="primary" icon="building-bank" href={links.pay(bill.id)}>
              {t('Pay')}
            </ButtonLink>
          )}
        </>
      }
    >
      <Stack>
        <Disputed bill={bill} />
        <WhyCard bill={bill} links={links} title={t('What it is for')} />
      </Stack>
    </Page>
  )
}

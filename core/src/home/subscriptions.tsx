import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { Address, ButtonLink, Card, Cols, Empty, Facts, formatDate, Page, Stack, sitePath, Table, Unseen } from '../ui/index.ts'
import type { FormerSubnet, OwnSubnet, OwnSubscription } from './own.ts'
import { discountOf, OwnState, priceOf, setUpHref, sizeOf, stateSentence } from './words.tsx'

/** All that a member has subscribed to. */
export const SubscriptionsPage = ({ subscriptions }: { subscriptions: readonly OwnSubscription[] }) => (
  <Page title={t('My subscriptions')}>
    <section class="card">
      <Table<OwnSubscription>
        caption={t('My subscriptions')}
        rows={subscriptions}
        rowHref={({ id }) => url('home:subscription', { id })}
        empty={
          <Empty title={t('No subscription yet')} icon="router">
            {t('What you subscribe to shows here, with its addresses and its price.')}
          </Empty>
        }
        columns={[
          { key: 'offer', label: t('Offer'), render: of => of.offer || of.reference, sub: of => of.reference, narrow: priceOf },
          { key: 'since', label: t('Since'), wide: true, render: of => formatDate(of.startedOn, 'table') },
          { key: 'price', label: t('Price'), wide: true, align: 'money', render: of => priceOf(of) ?? '–' },
          { key: 'state', label: t('State'), align: 'end', render: of => <OwnState of={of} /> },
        ]}
      />
    </section>
  </Page>
)

/** One subscription of the member who looks. */
export function SubscriptionPage({ of, former }: { of: OwnSubscription; former: readonly FormerSubnet[] }) {
  const setUp = setUpHref(of)
  return (
    <Page
      title={of.offer || of.reference}
      crumbs={[{ label: t('My subscriptions'), href: url('home:subscriptions') }, { label: of.reference }]}
      head={
        <>
          <OwnState of={of} />
          {(of.state !== 'active' || of.resignedOn !== null) && <span class="quiet">{stateSentence(of)}</span>}
        </>
      }
      actions={
        of.state !== 'ended' && (
          <>
            <Ask of={of} />
            {setUp && (
              <ButtonLink href={setUp} kind="primary" icon="settings">
                {t('Set up')}
              </ButtonLink>
            )}
          </>
        )
      }
    >
      <Cols wideLeft>
        <Stack side>
          <Terms of={of} />
        </Stack>
        <Stack>
          <Card title={t('Addresses')} body={false}>
            <Subnets subnets={of.subnets} />
          </Card>
          <Former subnets={former} />
        </Stack>
      </Cols>
    </Page>
  )
}

/** What can be asked for about a subscription, where requests are taken. */
const Ask = ({ of }: { of: OwnSubscription }) => {
  const { registry } = currentScope()
  if (!registry.routes.some(({ path }) => path === '/requests/new/:kind')) return null
  return (
    <>
      <ButtonLink href={sitePath(`/requests/new/change_offer?subscriptionId=${of.id}`)}>{t('Ask for another offer')}</ButtonLink>
      {of.resignedOn === null && (
        <ButtonLink href={sitePath(`/requests/new/end?subscriptionId=${of.id}`)}>{t('Ask for its end')}</ButtonLink>
      )}
    </>
  )
}

const Terms = ({ of }: { of: OwnSubscription }) => (
  <Card title={t('What you agreed to')}>
    <Facts
      items={[
        {
          label: t('Reference'),
          value: (
            <>
              <b>{of.reference}</b>
              <span class="quiet d-block small">{t('Put it in the label of your transfers, so that we know it is you.')}</span>
            </>
          ),
        },
        { label: t('Since'), value: formatDate(of.startedOn) },
        { label: t('Price'), value: priceOf(of) },
        ...of.discounts.map(discount => ({ label: t('Discount'), value: discountOf(discount, of.currency) })),
        of.nextOffer !== null && { label: t('From {{date}}', { date: formatDate(of.nextOffer.from) }), value: of.nextOffer.name },
        of.commitmentMonths > 0 && { label: t('Commitment'), value: t('{{count}} months', { count: of.commitmentMonths }) },
        of.resignedOn !== null && { label: t('Last day'), value: formatDate(of.resignedOn) },
      ]}
    />
  </Card>
)

/** Blocks of addresses with their size and since when. */
export const Subnets = ({ subnets }: { subnets: readonly OwnSubnet[] }) => (
  <Table<OwnSubnet>
    caption={t('Addresses')}
    rows={subnets}
    empty={
      <Empty title={t('No addresses')} icon="network">
        {t('This subscription holds no addresses of its own.')}
      </Empty>
    }
    columns={[
      {
        key: 'prefix',
        label: t('Addresses'),
        align: 'addr',
        render: ({ prefix }) => <Address>{prefix}</Address>,
        sub: ({ prefix }) => sizeOf(prefix),
      },
      { key: 'family', label: t('Kind'), wide: true, render: ({ family }) => `IPv${family}` },
      { key: 'since', label: t('Since'), align: 'end', render: ({ since }) => <time datetime={since}>{formatDate(since, 'table')}</time> },
    ]}
  />
)

/** Blocks that one held before, and until when; nothing when there are none. */
const Former = ({ subnets, withReference = false }: { subnets: readonly FormerSubnet[]; withReference?: boolean }) =>
  subnets.length === 0 ? null : (
    <Card title={t('Addresses that you had before')} body={false}>
      <Table<FormerSubnet>
        caption={t('Addresses that you had before')}
        rows={subnets}
        columns={[
          {
            key: 'prefix',
            label: t('Addresses'),
            align: 'addr',
            render: ({ prefix }) => <Address>{prefix}</Address>,
            sub: ({ prefix, reference }) => (withReference ? `${sizeOf(prefix)}, ${reference}` : sizeOf(prefix)),
          },
          {
            key: 'since',
            label: t('Since'),
            wide: true,
            align: 'end',
            render: ({ since }) => <time datetime={since}>{formatDate(since, 'table')}</time>,
          },
          {
            key: 'until',
            label: t('Until'),
            align: 'end',
            render: ({ until }) => <time datetime={until}>{formatDate(until, 'table')}</time>,
          },
        ]}
      />
    </Card>
  )

/** Every block of every subscription of the member who looks. */
export function AddressesPage({ subscriptions, former }: { subscriptions: readonly OwnSubscription[]; former: readonly FormerSubnet[] }) {
  const lines = subscriptions.flatMap(of => of.subnets.map(subnet => ({ ...subnet, of })))
  return (
    <Page title={t('My addresses')}>
      <Stack>
        <section class="card">
          <Table<OwnSubnet & { of: OwnSubscription }>
            caption={t('My addresses')}
            rows={lines}
            empty={
              <Empty title={t('No addresses')} icon="network">
                {t('The blocks of IPv4 and IPv6 addresses that are yours show here.')}
              </Empty>
            }
            columns={[
              {
                key: 'prefix',
                label: t('Addresses'),
                align: 'addr',
                render: ({ prefix }) => <Address>{prefix}</Address>,
                sub: ({ prefix }) => sizeOf(prefix),
              },
              {
                key: 'for',
                label: t('For'),
                render: ({ of }) => (
                  <a href={url('home:subscription', { id: of.id })}>
                    {of.offer || of.reference}
                    <Unseen> {of.reference}</Unseen>
                  </a>
                ),
              },
              {
                key: 'since',
                label: t('Since'),
                align: 'end',
                render: ({ since }) => <time datetime={since}>{formatDate(since, 'table')}</time>,
              },
            ]}
          />
        </section>
        <Former subnets={former} withReference />
      </Stack>
    </Page>
  )
}

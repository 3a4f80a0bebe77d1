import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { greetingName } from '../members/rules.ts'
import type { Member } from '../members/tables.ts'
import { OwnOwed } from '../owing/owed-card.tsx'
import { ButtonLink, Card, Dot, Empty, Facts, formatDate, Note, Page, Slot, Stack, type Tone, Unseen } from '../ui/index.ts'
import type { OwnSubscription } from './own.ts'
import { priceOf, setUpHref, sizeOf, stateSentence } from './words.tsx'

const tones = { active: 'ok', future: 'wait', suspended: 'drift', ended: 'none' } as const satisfies Record<OwnSubscription['state'], Tone>

/** The first page of a member: what they owe and what they have. */
export function MemberHome({ member, subscriptions }: { member: Member; subscriptions: readonly OwnSubscription[] }) {
  const present = subscriptions.filter(({ state }) => state !== 'ended')
  const subnets = present.flatMap(of => of.subnets)
  return (
    <Page title={t('Home')} heading={t('Hello {{name}}', { name: greetingName(member) })}>
      <Stack>
        {member.status === 'pending' && (
          <Note tone="wait">{t('You asked to join on {{date}}. We will answer by mail.', { date: formatDate(member.joinedOn) })}</Note>
        )}
        {member.status === 'not_member' && <Note>{t('You are not a member any more.')}</Note>}
        <OwnOwed memberId={member.id} />
        <div class="cols even">
          <Card title={t('What you have')} body={false}>
            {present.length === 0 ? (
              <Empty title={t('No subscription yet')} icon="router">
                {t('What you subscribe to shows here, with its addresses and its price.')}
              </Empty>
            ) : (
              <ul class="todo brief">
                {present.map(of => (
                  <Line of={of} />
                ))}
              </ul>
            )}
          </Card>
          <Card
            title={t('Your addresses')}
            body={subnets.length > 0}
            actions={
              subnets.length > 0 && (
                <a class="small quiet u" href={url('home:addresses')}>
                  {t('Since when')}
                </a>
              )
            }
          >
            {subnets.length === 0 ? (
              <Empty title={t('No addresses')} icon="network">
                {t('The blocks of IPv4 and IPv6 addresses that are yours show here.')}
              </Empty>
            ) : (
              <Facts items={subnets.map(({ prefix }) => ({ label: <span class="addr">{prefix}</span>, value: sizeOf(prefix) }))} ends />
            )}
          </Card>
        </div>
        <Slot name="home.member" props={{ memberId: member.id }} />
        {present.length < subscriptions.length && (
          <p>
            <a class="quiet u" href={url('home:subscriptions')}>
              {t('{{count}} earlier subscriptions', { count: subscriptions.length - present.length })}
            </a>
          </p>
        )}
      </Stack>
    </Page>
  )
}

const Line = ({ of }: { of: OwnSubscription }) => {
  const page = url('home:subscription', { id: of.id })
  const setUp = setUpHref(of)
  const price = priceOf(of)
  return (
    <li>
      <Dot tone={tones[of.state]} icon="router" />
      <div>
        <b>
          <a href={page}>{of.offer || of.reference}</a>
        </b>
        <span class="quiet d-block small">{[stateSentence(of), price].filter(Boolean).join(', ')}</span>
      </div>
      <ButtonLink small href={setUp ?? page}>
        {setUp ? t('Set up') : t('See')}
        <Unseen>
          {' '}
          {of.offer} {of.reference}
        </Unseen>
      </ButtonLink>
    </li>
  )
}

/** What somebody sees who can sign in but whom no member row names. */
export const NobodysHome = () => (
  <Page title={t('Home')}>
    <Empty
      title={t('Nothing here yet')}
      icon="user"
      actions={
        currentScope().registry.config.members.signUp === 'open' && (
          <ButtonLink href={url('request:signUp')} kind="primary">
            {t('Become a member')}
          </ButtonLink>
        )
      }
    >
      {t('Your account works, and we have not tied it to a membership yet. Write to us if you wait for long.')}
    </Empty>
  </Page>
)

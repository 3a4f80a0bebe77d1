import {
  Card,
  type Content,
  type Crumb,
  currentScope,
  type FieldError,
  isStaff,
  type NetworkState,
  Note,
  networkState,
  Page,
  State,
  t,
  url,
} from 'coin'
import type { Account } from '../account.ts'
import { CertificateCard } from '../certificates/index.ts'
import { standingOf as certificateStanding, certificatesOf } from '../certificates/queries.ts'
import type { Endpoints } from '../rules.ts'
import { lastSession } from '../sessions.ts'
import type { Settings } from '../settings.ts'
import { type Missing, standingOf } from '../standing.ts'
import { ConnectCard } from './connect.tsx'
import { EndpointsCard } from './endpoints.tsx'
import { PhoneCard } from './phone.tsx'
import { SessionCard } from './session.tsx'
import { SubnetsCard } from './subnets.tsx'

export interface AccountPageProps {
  readonly account: Account
  readonly settings: Settings
  /** A password made by this very request. */
  readonly password?: string
  /** The address of a link to the profile, made by this very request. */
  readonly link?: string
  /** What was typed, and what is wrong with it. */
  readonly typed?: Endpoints
  readonly errors?: readonly FieldError[]
}

/** What a member sees of a VPN account, and does with it. */
export async function AccountPage({ account, settings, password, link, typed, errors = [] }: AccountPageProps) {
  const { db } = currentScope()
  const standing = standingOf(
    account,
    await networkOf(account, settings, password),
    password ? undefined : await missingOf(account, settings),
  )
  const session = await lastSession(account.id, db)
  const { phase } = account.subscription
  return (
    <Page
      title={t('VPN')}
      crumbs={crumbsOf(account)}
      errors={errors}
      head={
        <Live id="vpn-state" account={account} changing={standing.changing}>
          <State name={standing.state}>{standing.label}</State>
        </Live>
      }
    >
      <Live id="vpn-standing" account={account} changing={standing.changing}>
        {standing.sentence && (
          <Note tone={standing.tone}>
            <p>{standing.sentence}</p>
          </Note>
        )}
      </Live>
      <div class="cols even">
        <div class="stack">
          <ConnectCard account={account} settings={settings} password={password} />
          {settings.certificates && <CertificateCard account={account} settings={settings.certificates} instead={settings.passwords} />}
          {/* a profile that lacks its certificate is of no use there */}
          {settings.server && settings.passwords && phase !== 'ended' && <PhoneCard account={account} link={link} />}
        </div>
        <div class="stack">
          <EndpointsCard account={account} typed={typed} errors={errors} />
          <SubnetsCard account={account} />
          {session ? <SessionCard session={session} /> : <NoSession />}
        </div>
      </div>
    </Page>
  )
}

/** The network's word, and that of somebody who has just made something that it has not heard of yet. */
async function networkOf({ id }: Account, { directory }: Settings, password: string | undefined): Promise<NetworkState | undefined> {
  const known = password === undefined ? await networkState(id) : undefined
  return known ?? (directory && { state: 'pending', since: new Date(), downSince: null })
}

/** What the member has to make first. */
async function missingOf({ id, passwordHash }: Account, { passwords, certificates }: Settings): Promise<Missing | undefined> {
  if (passwords && passwordHash !== null) return undefined
  if (certificates) {
    const { state } = certificateStanding(await certificatesOf(currentScope().db, id), certificates.renewDays)
    if (state === 'valid' || state === 'expiring') return undefined
  }
  return passwords ? 'password' : 'certificate'
}

function crumbsOf(account: Account): Crumb[] {
  const { actor, basePath } = currentScope()
  const { subscription } = account
  if (actor.memberId === subscription.member.id) return [{ label: t('Home'), href: `${basePath}/` }]
  return isStaff(actor)
    ? [{ label: subscription.reference, href: `${basePath}/admin/subscriptions/${subscription.id}` }, { label: account.login }]
    : []
}

interface LiveProps {
  readonly id: string
  readonly account: Account
  readonly changing: boolean | undefined
  readonly children?: Content
}

/** A part that asks for itself again as long as something is about to change. */
const Live = ({ id, account, changing, children }: LiveProps) => (
  <div
    id={id}
    {...(changing && {
      'hx-get': url('vpn:details', { id: account.id }),
      'hx-trigger': 'every 5s',
      'hx-target': 'this',
      'hx-select': `#${id}`,
      'hx-swap': 'outerMorph ignoreTitle:true',
    })}
  >
    {children}
  </div>
)

const NoSession = () => (
  <Card title={t('Last connection')}>
    <p class="quiet m-0">{t('We know of none yet.')}</p>
  </Card>
)

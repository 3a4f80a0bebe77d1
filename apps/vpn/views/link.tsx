import { ButtonLink, Card, CoinError, type Context, currentScope, Page, publicOrigin, t, url } from 'coin'
import { profileOf } from '../profile.ts'
import { accountOfLink, linkMinutes } from '../rules.ts'
import type { Settings } from '../settings.ts'

/** The address of a link, as people reach this site. */
export const linkTo = (token: string): string => publicOrigin() + url('vpn:link', { token })

const expired = () => new CoinError('not_found', 'This link has expired.', { hint: 'Make a new one on the page of your VPN.' })

async function accountOf(c: Context) {
  c.header('Cache-Control', 'no-store')
  const found = await accountOfLink(c.req.param('token') ?? '', currentScope().db)
  if (!found) throw expired()
  return found
}

/** Where the code leads: a telephone takes the profile from here without signing in. */
export async function showLink(c: Context) {
  const { login } = await accountOf(c)
  const token = c.req.param('token') ?? ''
  const file = url('vpn:linked_profile', { token })
  const address = publicOrigin() + file
  return (
    <Page title={t('Your VPN on this device')}>
      <Card title={login}>
        <p>{t('Take the profile over into OpenVPN. It holds no password: you are asked for it afterwards.')}</p>
        <div class="actions">
          {/* the app reads nothing that is not encrypted */}
          {address.startsWith('https:') && (
            <ButtonLink kind="primary" icon="shield-lock" href={`openvpn://import-profile/${address}`}>
              {t('Open in OpenVPN Connect')}
            </ButtonLink>
          )}
          <ButtonLink icon="download" href={file}>
            {t('Download the profile')}
          </ButtonLink>
        </div>
        <p class="hint">{t('This page works for {{count}} minutes.', { count: linkMinutes })}</p>
      </Card>
    </Page>
  )
}

/** The profile behind a link. */
export const linkedProfile = (settings: Settings) => async (c: Context) => {
  const { login } = await accountOf(c)
  return profileAnswer(c, login, await profileOf(settings, login))
}

/** A profile as a file; a login needs no quoting in a header. */
export function profileAnswer(c: Context, login: string, profile: string): Response {
  return c.body(profile, 200, {
    'Content-Type': 'application/x-openvpn-profile',
    'Content-Disposition': `attachment; filename="${login}.ovpn"`,
    'Cache-Control': 'no-store',
  })
}

import { ButtonLink, Card, CardBody, Facts, Moment, Note, PostButton, Secret, t, url } from 'coin'
import type { Account } from '../account.ts'
import { mayFor } from '../rights.ts'
import type { Settings } from '../settings.ts'

/** Login, password and profile. */
export function ConnectCard({ account, settings, password }: { account: Account; settings: Settings; password: string | undefined }) {
  const { server, passwords } = settings
  const { id, login, passwordHash, passwordMadeAt } = account
  const ended = account.subscription.phase === 'ended'
  const none = passwords && passwordHash === null && password === undefined
  return (
    <Card title={t('Connect')} id="connect" body={false}>
      <CardBody>
        <Facts
          items={[
            { label: t('Login'), value: login },
            passwords && {
              label: t('Password'),
              value: password ? t('Made just now') : none ? t('None yet') : passwordMadeAt ? <MadeAt at={passwordMadeAt} /> : t('Made'),
            },
          ]}
        />
        {password && (
          <div class="mt-3">
            <Secret title={t('Your new password. You will not see it again.')} value={password}>
              {t('Copy it to your device now. We keep only a fingerprint of it. An earlier one works no longer.')}
            </Secret>
          </div>
        )}
      </CardBody>
      {!ended && (
        <CardBody>
          <div class="actions">
            {server && (
              <ButtonLink href={url('vpn:profile', { id })} {...(passwords && !none && { kind: 'primary' as const })} icon="download">
                {t('Download the profile')}
              </ButtonLink>
            )}
            {passwords && mayFor(account, 'vpn.reset') && (
              <PostButton
                action={url('vpn:password', { id })}
                {...(!none && { target: 'connect' })}
                icon={none ? 'key' : 'refresh'}
                {...(none && { kind: 'primary' as const })}
              >
                {none ? t('Make a password') : t('Make another password')}
              </PostButton>
            )}
          </div>
          {server ? (
            <p class="hint mt-2">
              {passwords
                ? t('One file for OpenVPN on Linux, Windows, macOS, Android and iOS. It holds no password.')
                : t('For a device that has its certificate already. A new certificate comes with a profile that holds it.')}{' '}
              <a href={url('vpn:help')}>{t('How to install it')}</a>
            </p>
          ) : (
            <Note>
              <p>{t('There is no profile to download yet: we have not said here where our VPN server is. Write to us.')}</p>
            </Note>
          )}
        </CardBody>
      )}
    </Card>
  )
}

const MadeAt = ({ at }: { at: Date }) => (
  <>
    {t('Made')} <Moment at={at} relative />
  </>
)

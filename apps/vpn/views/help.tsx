import { ButtonLink, Card, Page, t, url } from 'coin'
import type { Settings } from '../settings.ts'

/** How to connect, system by system, with what this deployment asks for. */
export const HelpPage = ({ isMember, passwords }: { isMember: boolean; passwords: Settings['passwords'] }) => (
  <Page
    title={t('How to connect to the VPN')}
    crumbs={isMember ? [{ label: t('VPN'), href: url('vpn:mine') }] : []}
    actions={
      isMember && (
        <ButtonLink href={url('vpn:mine')} icon="shield-lock">
          {t('My VPN')}
        </ButtonLink>
      )
    }
  >
    <div class="stack">
      <Card title={t('What you need')}>
        <ol class="m-0">
          <li>
            {passwords
              ? t(
                  'A password: make it on the page of your VPN and keep it safe. We cannot show it again, but you can make another one at any time.',
                )
              : t('A certificate: get it on the page of your VPN. Your device shows it to our server, and there is nothing to type.')}
          </li>
          <li>
            {passwords
              ? t('The profile: one file that says where our server is. It holds no password.')
              : t(
                  'The profile: one file that says where our server is. Saved with a new certificate, it holds that too: give it to nobody.',
                )}
          </li>
          <li>{t('OpenVPN, from the list below.')}</li>
        </ol>
      </Card>
      <div class="cols even">
        <div class="stack">
          <Card title={t('Telephone or tablet')}>
            <p class="m-0">
              {passwords
                ? t(
                    'Install OpenVPN Connect from the store of your device. On the page of your VPN, open with a computer, show the code and read it with the camera. Then give your password.',
                  )
                : t(
                    'Install OpenVPN Connect from the store of your device. Open the page of your VPN on the device itself, get a certificate in the browser, save the profile and open it.',
                  )}
            </p>
          </Card>
          <Card title={t('Windows and macOS')}>
            <p class="m-0">
              {passwords
                ? t(
                    'Install OpenVPN Connect, or Tunnelblick on macOS. Download the profile and open it. Then give your login and your password.',
                  )
                : t(
                    'Install OpenVPN Connect, or Tunnelblick on macOS. Get a certificate on the page of your VPN, save the profile and open it.',
                  )}
            </p>
          </Card>
        </div>
        <div class="stack">
          <Card title="Linux">
            <p>{t('With NetworkManager: import the profile in the settings of the network, under VPN. On the command line:')}</p>
            <code class="secret">sudo openvpn --config login.ovpn</code>
          </Card>
          <Card title={t('Router')}>
            <p class="m-0">
              {t(
                'A router with OpenVPN takes the profile too. The addresses that are routed to you are yours to share out behind it: give them to your devices by hand or by its DHCP.',
              )}
            </p>
          </Card>
        </div>
      </div>
      <Card title={t('When it does not work')}>
        <ul class="m-0">
          <li>
            {passwords
              ? t('The password is refused: was another one made since? Only the last one works.')
              : t('The certificate is refused: has it ended, or was it revoked? The page of your VPN says so.')}
          </li>
          <li>
            {t(
              'Nothing answers: some networks let only the web through. If the profile names several servers, it tries them one after the other.',
            )}
          </li>
          <li>{t('The page of your VPN says whether it is ready, and since when. If it says so and nothing helps, write to us.')}</li>
        </ul>
      </Card>
    </div>
  </Page>
)

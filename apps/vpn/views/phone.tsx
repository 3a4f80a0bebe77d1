import { Card, PostButton, t, url } from 'coin'
import type { Account } from '../account.ts'
import { QrCode } from '../qr.tsx'
import { linkMinutes } from '../rules.ts'

/** The profile on a telephone: a code that its camera reads. */
export function PhoneCard({ account, link }: { account: Account; link: string | undefined }) {
  const action = url('vpn:phone', { id: account.id })
  return (
    <Card title={t('On a telephone')} id="phone">
      {link === undefined ? (
        <>
          <p>{t('Install OpenVPN Connect on it, then read the code with its camera: the profile comes by itself.')}</p>
          <PostButton action={action} target="phone" icon="qrcode">
            {t('Show the code')}
          </PostButton>
        </>
      ) : (
        <>
          <div class="pay">
            <QrCode text={link} label={t('The code that leads a telephone to your profile')} />
            <div>
              <p>{t('Read it with the camera of your telephone within {{count}} minutes.', { count: linkMinutes })}</p>
              <p class="hint">{t('It holds no password. Show it to nobody else, and make another one when it has expired.')}</p>
            </div>
          </div>
          <details class="mt-3">
            <summary class="hint">{t('Without a camera')}</summary>
            <p class="text-break">
              <a href={link}>{link}</a>
            </p>
          </details>
        </>
      )}
    </Card>
  )
}

import { asset, ButtonLink, Card, CardBody, errorOf, type FieldError, Form, FormField, Note, Page, Secret, t, url } from 'coin'
import type { Account } from '../account.ts'
import type { Bundle } from './bundle.ts'
import { profileWith } from './profile.ts'
import type { Certificate } from './queries.ts'
import { reasonChoices } from './words.tsx'

interface Asked {
  readonly account: Account
  readonly errors?: readonly FieldError[]
  /** What was typed. */
  readonly csr?: string
}

const crumbs = (account: Account) => [{ label: account.login, href: url('vpn:details', { id: account.id }) }]

/** The three ways to a certificate, the easiest first. */
export const RequestPage = ({ account, errors = [], csr = '' }: Asked) => (
  <Page
    title={t('Get a certificate')}
    crumbs={crumbs(account)}
    errors={errors}
    extraJs={<script type="module" src={asset('vpn', 'js/certificate.js')} />}
  >
    <div class="stack">
      <InBrowser account={account} />
      <Card title={t('As a file with a password')} body={false}>
        <CardBody>
          <p>{t('Most devices can import it. We make the key, put it into the file, and keep neither the key nor the password.')}</p>
        </CardBody>
        <Form action={url('vpn:certificateBundle', { id: account.id })} submit={t('Make the file')} frame="card-body">
          <FormField
            name="password"
            kind="password"
            label={t('Password of the file')}
            optional
            autocomplete="new-password"
            error={errorOf(errors, 'password')}
            hint={t('Twelve characters at least. Left empty, we make one and show it once.')}
          />
        </Form>
      </Card>
      <Card title={t('From your own signing request')} body={false}>
        <CardBody>
          <p>{t('For a router, or a key that must never leave its device: give the signing request (PKCS#10) that it makes.')}</p>
        </CardBody>
        <Form action={url('vpn:certificate', { id: account.id })} submit={t('Get the certificate')} frame="card-body" multipart>
          <FormField
            name="csr"
            kind="textarea"
            label={t('Signing request')}
            value={csr}
            rows={8}
            error={errorOf(errors, 'csr')}
            placeholder="-----BEGIN CERTIFICATE REQUEST-----"
            hint={t('The name in it is ignored: the certificate is for {{login}}.', { login: account.login })}
          />
          <FormField name="file" kind="file" label={t('Or a file with it')} optional attributes={{ accept: '.csr,.pem,.p10,.req' }} />
        </Form>
      </Card>
    </div>
  </Page>
)

/** The script shows what it can do, and says what it does; without it this is not there. */
const InBrowser = ({ account }: { account: Account }) => (
  <div hidden data-certificate data-login={account.login} data-name={`${account.login}.ovpn`}>
    <Card title={t('In your browser')} body={false}>
      <CardBody>
        <p>{t('This browser makes the key and puts it into the profile: it never leaves this device, and we never see it.')}</p>
      </CardBody>
      <Form action={url('vpn:certificate', { id: account.id })} submit={t('Make the profile')} frame="card-body" />
      <div class="card-body" hidden data-certificate-done tabindex={-1}>
        <Note tone="ok" live>
          {t('Done. Save it now: once this page is closed, the key is gone, and you would have to begin again.')}
        </Note>
        <div class="actions mt-3">
          <a class="btn btn-primary" data-certificate-save download={`${account.login}.ovpn`} href={url('vpn:details', { id: account.id })}>
            {t('Save the profile')}
          </a>
          <ButtonLink href={url('vpn:details', { id: account.id })}>{t('Back to the VPN')}</ButtonLink>
        </div>
        <p class="hint">{t('Whoever has this file can use your VPN. Keep it as you keep a key.')}</p>
      </div>
      <div class="card-body" hidden data-certificate-failed tabindex={-1} role="alert">
        <Note tone="fail">
          <span data-certificate-reason>{t('The browser could not make the key. Use one of the other ways.')}</span>
        </Note>
      </div>
    </Card>
  </div>
)

/** The file and its password, this once. The page must not be kept. */
export const BundlePage = ({
  account,
  bundle,
  given,
  profile,
}: {
  account: Account
  bundle: Bundle
  given: boolean
  profile: string | undefined
}) => (
  <Page title={t('Your certificate')} crumbs={crumbs(account)}>
    <Card title={t('As a file with a password')}>
      {given ? (
        <Note tone="ok">{t('The file opens with the password that you chose.')}</Note>
      ) : (
        <Secret title={t('The password of the file. You will not see it again.')} value={bundle.password}>
          {t('We keep neither the password nor the file.')}
        </Secret>
      )}
      <p class="mt-3">{t('Save the file now: once this page is closed, it is gone, and you would have to begin again.')}</p>
      <div class="actions">
        {profile !== undefined && (
          <Download
            name={`${account.login}.ovpn`}
            type="application/x-openvpn-profile"
            content={Buffer.from(profileWith(profile, { bundle: bundle.file }))}
            primary
          >
            {t('Save the profile')}
          </Download>
        )}
        <Download name={`${account.login}.p12`} type="application/x-pkcs12" content={bundle.file} primary={profile === undefined}>
          {t('Save the certificate (.p12)')}
        </Download>
        <ButtonLink href={url('vpn:details', { id: account.id })}>{t('Back to the VPN')}</ButtonLink>
      </div>
    </Card>
  </Page>
)

interface DownloadProps {
  readonly name: string
  readonly type: string
  readonly content: Buffer
  readonly primary: boolean
  readonly children: string
}

/** A file that is nowhere but in this page. */
const Download = ({ name, type, content, primary, children }: DownloadProps) => (
  <a class={primary ? 'btn btn-primary' : 'btn'} download={name} href={`data:${type};base64,${content.toString('base64')}`}>
    {children}
  </a>
)

/** Asks before a certificate is revoked. */
export const RevokePage = ({
  account,
  certificate,
  errors,
}: {
  account: Account
  certificate: Certificate
  errors?: readonly FieldError[]
}) => (
  <Page title={t('Revoke this certificate?')} crumbs={crumbs(account)} errors={errors ?? []}>
    <Card title={certificate.login} note={certificate.serial} body={false}>
      <CardBody>
        <p>{t('The VPN refuses it within minutes and ends a connection that is open with it. This cannot be undone.')}</p>
      </CardBody>
      <Form
        action={url('vpn:revokeCertificate', { id: account.id, serial: certificate.serial })}
        submit={t('Revoke')}
        cancel={url('vpn:details', { id: account.id })}
        kind="danger"
        frame="card-body"
      >
        <FormField name="reason" kind="choice" label={t('Why')} options={reasonChoices()} error={errorOf(errors, 'reason')} />
      </Form>
    </Card>
  </Page>
)

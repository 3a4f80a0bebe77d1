import { ButtonLink, Card, CardBody, currentScope, Facts, formatDate, Note, t, url } from 'coin'
import type { Account } from '../account.ts'
import { mayFor } from '../rights.ts'
import { type Certificate, certificatesOf, type Standing, standingOf } from './queries.ts'
import type { CertificateSettings } from './settings.ts'
import { originWords, reasonWords, StandingState } from './words.tsx'

interface Props {
  readonly account: Account
  readonly settings: CertificateSettings
  /** Where a password does as well, nobody is urged to get a certificate. */
  readonly instead: boolean
}

/** An account's certificate on the member's page: how it stands with it, and what can be done. */
export async function CertificateCard({ account, settings, instead }: Props) {
  const certificates = await certificatesOf(currentScope().db, account.id)
  const standing = standingOf(certificates, settings.renewDays)
  if (standing.state === 'none' && account.subscription.phase === 'ended') return null
  const others = certificates.filter(
    each =>
      each.revokedAt === null && standing.state !== 'none' && each.id !== standing.certificate.id && Date.parse(each.notAfter) > Date.now(),
  )
  return (
    <Card title={t('Certificate')} id="certificate" body={false} actions={<StandingState standing={standing} />}>
      <CardBody>
        <Explained standing={standing} instead={instead} />
        {standing.state !== 'none' && <Details {...standing} />}
      </CardBody>
      <Actions account={account} standing={standing} instead={instead} />
      {others.map(other => (
        <Replaced account={account} certificate={other} />
      ))}
    </Card>
  )
}

function Explained({ standing, instead }: { standing: Standing; instead: boolean }) {
  switch (standing.state) {
    case 'none':
      return (
        <p class="m-0">
          {instead
            ? t('Instead of the password: your device shows who it is by a key that only it holds, and there is nothing to type.')
            : t('With a certificate, your device shows who it is by a key that only it holds: there is no password to type.')}
        </p>
      )
    case 'expiring':
      return <Note tone="drift">{t('Renew it now and put the new one on your devices. The old one works until it ends.')}</Note>
    case 'expired':
      return <Note tone="fail">{t('The VPN refuses it. Get another one.')}</Note>
    case 'revoked':
      return standing.certificate.listed ? (
        <p>{t('The VPN refuses it.')}</p>
      ) : (
        <Note tone="wait">{t('Our servers are being told to refuse it.')}</Note>
      )
    case 'valid':
      return null
  }
}

const Details = ({ state, certificate }: { state: string; certificate: Certificate }) => (
  <Facts
    items={[
      { label: t('Login'), value: certificate.login },
      { label: t('Made'), value: originWords(certificate.madeBy) },
      { label: t('Key'), value: certificate.keyKind },
      state === 'revoked' && certificate.reason !== null && { label: t('Why'), value: reasonWords(certificate.reason) },
      { label: t('Number'), value: <span class="text-break">{certificate.serial}</span> },
    ]}
  />
)

function Actions({ account, standing, instead }: { account: Account; standing: Standing; instead: boolean }) {
  const usable = standing.state === 'valid' || standing.state === 'expiring'
  const wanted = !instead && (standing.state === 'none' || standing.state === 'expired' || standing.state === 'revoked')
  const ended = account.subscription.phase === 'ended'
  if (!usable && ended) return null
  return (
    <div class="card-body actions">
      {standing.state !== 'valid' && !ended && mayFor(account, 'vpn_certificate.issue') && (
        <ButtonLink href={url('vpn:certificate', { id: account.id })} icon="shield-check" kind={wanted ? 'primary' : 'plain'}>
          {standing.state === 'expiring' ? t('Renew the certificate') : t('Get a certificate')}
        </ButtonLink>
      )}
      {usable && <Own account={account} certificate={standing.certificate} />}
    </div>
  )
}

const Own = ({ account, certificate }: { account: Account; certificate: Certificate }) => (
  <>
    <ButtonLink href={url('vpn:certificateFile', { id: account.id, serial: certificate.serial })} icon="download">
      {t('Download the certificate')}
    </ButtonLink>
    {mayFor(account, 'vpn_certificate.revoke') && (
      <ButtonLink href={url('vpn:revokeCertificate', { id: account.id, serial: certificate.serial })}>{t('Revoke')}</ButtonLink>
    )}
  </>
)

const Replaced = ({ account, certificate }: { account: Account; certificate: Certificate }) => (
  <CardBody>
    <p>{t('The one before, {{number}}, works until {{date}}.', { number: certificate.serial, date: formatDate(certificate.notAfter) })}</p>
    <div class="actions">
      <Own account={account} certificate={certificate} />
    </div>
  </CardBody>
)

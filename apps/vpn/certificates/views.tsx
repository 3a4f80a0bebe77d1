import {
  CoinError,
  type ConfigurationRequest,
  type ConfigurationView,
  type Context,
  type FieldError,
  isCoinError,
  redirectTo,
  type Tx,
  t,
  url,
} from 'coin'
import type { Account } from '../account.ts'
import { requireRight } from '../rights.ts'
import type { vpn } from '../tables.ts'
import { makeBundle } from './bundle.ts'
import { refreshCrl } from './crl.ts'
import { type Issued, issueCertificate } from './issue.ts'
import { BundlePage, RequestPage, RevokePage } from './pages.tsx'
import { type ProfileWriter, profileWith } from './profile.ts'
import { certificateOf, type Reason } from './queries.ts'
import { readRequest } from './request.ts'
import { revokeCertificate } from './revoke.ts'
import type { CertificateSettings } from './settings.ts'

type Request = ConfigurationRequest<typeof vpn>
/** The pages about an account's certificates: for its member, and for staff with the permission. `profile` makes the rest of the profile. */
export const certificateViews = (
  settings: CertificateSettings,
  profile: ProfileWriter = () => undefined,
): Readonly<Record<string, ConfigurationView<typeof vpn>>> => ({
  certificate: {
    path: '/:id/certificate',
    permission: 'vpn_certificate.issue',
    get: ({ configuration }) => {
      requireRight(configuration, 'vpn_certificate.issue')
      return <RequestPage account={configuration} />
    },
    post: request => fromRequest(request, settings, profile),
  },
  certificateBundle: {
    path: '/:id/certificate/bundle',
    permission: 'vpn_certificate.issue',
    post: request => bundle(request, settings, profile),
  },
  certificateFile: { path: '/:id/certificates/:serial', get: file },
  revokeCertificate: {
    path: '/:id/certificates/:serial/revoke',
    permission: 'vpn_certificate.revoke',
    get: async ({ c, configuration, tx }) => {
      requireRight(configuration, 'vpn_certificate.revoke')
      return <RevokePage account={configuration} certificate={await asked(c, configuration, tx)} />
    },
    post: request => revoke(request, settings),
  },
})

async function fromRequest({ c, configuration, tx }: Request, settings: CertificateSettings, profile: ProfileWriter) {
  requireRight(configuration, 'vpn_certificate.issue')
  const form = await c.req.parseBody()
  const upload = form.file instanceof File && form.file.size > 0 ? await form.file.text() : undefined
  const csr = upload ?? text(form.csr)
  const byScript = c.req.header('accept')?.includes('application/json') ?? false
  const issue = async (inner: Tx) =>
    issueCertificate(
      inner,
      settings,
      configuration.id,
      await readRequest(csr),
      byScript ? 'browser' : 'csr',
      configuration.subscription.member.id,
    )
  if (byScript) return c.json(await withProfile(await issue(tx), configuration, profile), 200, unkept)
  const issued = await attempt(tx, issue)
  if ('errors' in issued)
    return c.html(<RequestPage account={configuration} errors={issued.errors} csr={text(form.csr).slice(0, 16_384)} />, 422)
  return redirectTo(c, `${url('vpn:details', { id: configuration.id })}#certificate`, t('Your certificate is ready.'))
}

/** What the script in the browser needs to finish the profile: everything but the key. */
async function withProfile({ certificate, authority }: Issued, account: Account, profile: ProfileWriter) {
  const base = await profile(account)
  const own = certificate.certificate
  return { certificate: own, authority, profile: profileWith(base ?? `# ${account.login}`, { certificate: own }) }
}

async function bundle({ c, configuration, tx }: Request, settings: CertificateSettings, profile: ProfileWriter) {
  requireRight(configuration, 'vpn_certificate.issue')
  const password = text((await c.req.parseBody()).password)
  const made = await attempt(tx, inner => makeBundle(inner, settings, configuration.id, password, configuration.subscription.member.id))
  if ('errors' in made) return c.html(<RequestPage account={configuration} errors={made.errors} />, 422)
  const page = <BundlePage account={configuration} bundle={made} given={password !== ''} profile={await profile(configuration)} />
  return c.html(page, 200, unkept)
}

async function file({ c, configuration, tx }: Request) {
  const { certificate, serial } = await asked(c, configuration, tx)
  return c.body(certificate, 200, {
    'Content-Type': 'application/x-pem-file',
    'Content-Disposition': `attachment; filename="${configuration.login}-${serial.slice(0, 8)}.crt"`,
    'Cache-Control': 'private, no-cache',
  })
}

async function revoke({ c, configuration, tx }: Request, settings: CertificateSettings) {
  requireRight(configuration, 'vpn_certificate.revoke')
  const certificate = await asked(c, configuration, tx)
  const reason = reasonOf(text((await c.req.parseBody()).reason))
  if (!reason) {
    const errors = [{ field: 'reason', message: 'Say why.' }]
    return c.html(<RevokePage account={configuration} certificate={certificate} errors={errors} />, 422)
  }
  await revokeCertificate(tx, configuration.id, certificate.serial, reason)
  await refreshCrl(tx, settings)
  return redirectTo(c, `${url('vpn:details', { id: configuration.id })}#certificate`, t('The certificate is revoked.'))
}

async function asked(c: Context, account: Account, tx: Tx) {
  const certificate = await certificateOf(tx, account.id, c.req.param('serial') ?? '')
  if (!certificate) throw new CoinError('not_found', 'There is no such certificate, or it is revoked already.')
  return certificate
}

/** What is refused, for the form; the savepoint keeps the transaction usable for the page that says so. */
async function attempt<R extends object>(tx: Tx, work: (inner: Tx) => Promise<R>): Promise<R | { readonly errors: readonly FieldError[] }> {
  try {
    // the transaction of Drizzle inside another one is of the same kind
    return await tx.transaction(inner => work(inner as unknown as Tx))
  } catch (error) {
    if (!isCoinError(error) || !['invalid', 'refused', 'too_many'].includes(error.code)) throw error
    const hint = error.hint === undefined ? [] : [{ field: '', message: error.hint, values: error.values }]
    return {
      errors: [...(error.fields.length > 0 ? error.fields : [{ field: '', message: error.message, values: error.values }]), ...hint],
    }
  }
}

const reasonOf = (given: string): Reason | undefined =>
  (['key_compromise', 'superseded', 'cessation_of_operation'] as const).find(reason => reason === given)

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const unkept = { 'Cache-Control': 'no-store' }

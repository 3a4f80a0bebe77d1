import { CoinError, type ConfigurationRequest, type ConfigurationView, isCoinError, redirectTo, t, url } from 'coin'
import { certificateViews } from '../certificates/index.ts'
import { profileFor, profileOf } from '../profile.ts'
import { requireRight } from '../rights.ts'
import { chooseEndpoints, type Endpoints, makeLink, makePassword } from '../rules.ts'
import type { Settings } from '../settings.ts'
import type { vpn } from '../tables.ts'
import { AccountPage, type AccountPageProps } from './account-page.tsx'
import { linkTo, profileAnswer } from './link.tsx'

type Request = ConfigurationRequest<typeof vpn>
type View = ConfigurationView<typeof vpn>

/** The pages about one account. */
export function accountViews(settings: Settings) {
  const { certificates, server } = settings
  // a copy of a page with a password would show it twice
  const show = ({ c, configuration }: Request, props: Partial<AccountPageProps> = {}, status: 200 | 422 = 200) => {
    c.header('Cache-Control', 'no-store')
    return c.html(<AccountPage account={configuration} settings={settings} {...props} />, status)
  }
  return {
    ...(certificates &&
      certificateViews(certificates, ({ login }) => server && profileFor(server, { login, password: false, certificate: true }))),
    details: { path: '/:id', get: request => show(request) },
    password: {
      path: '/:id/password',
      permission: 'vpn.reset',
      get: toDetails,
      async post(request) {
        requirePasswords(settings)
        requireRight(request.configuration, 'vpn.reset')
        return show(request, { password: await makePassword(request.configuration, settings.hash, request.tx) })
      },
    },
    endpoints: {
      path: '/:id/endpoints',
      get: toDetails,
      async post(request) {
        const { c, configuration, tx } = request
        requireRight(configuration, 'configuration.change')
        const { typed, version } = await readEndpoints(request)
        const refused = await refusalOf(() =>
          tx.transaction(inner => chooseEndpoints(configuration, typed, version, inner as unknown as typeof tx)),
        )
        if (refused) return show(request, { typed, errors: refused }, 422)
        return redirectTo(c, url('vpn:details', { id: configuration.id }), t('Saved.'))
      },
    },
    profile: {
      path: '/:id/profile.ovpn',
      async get({ c, configuration: { login } }) {
        return profileAnswer(c, login, await profileOf(settings, login))
      },
    },
    phone: {
      path: '/:id/phone',
      permission: 'vpn.reset',
      get: toDetails,
      async post(request) {
        requirePasswords(settings)
        requireRight(request.configuration, 'vpn.reset')
        return show(request, { link: linkTo(await makeLink(request.configuration, request.tx)) })
      },
    },
  } satisfies Record<string, View>
}

function requirePasswords({ passwords }: Settings) {
  if (!passwords) throw new CoinError('refused', 'This VPN has no passwords: members show a certificate.')
}

/** Somebody loads the page again that answered a form. */
const toDetails = ({ c, configuration }: Request) => c.redirect(url('vpn:details', { id: configuration.id }), 302)

async function readEndpoints({ c }: Request): Promise<{ typed: Endpoints; version: number | undefined }> {
  const form = await c.req.parseBody()
  const text = (name: string) => (typeof form[name] === 'string' ? form[name] : undefined)
  const version = text('version')
  return {
    typed: { ipv4Endpoint: text('ipv4Endpoint'), ipv6Endpoint: text('ipv6Endpoint') },
    version: version !== undefined && /^\d{1,9}$/.test(version) ? Number(version) : undefined,
  }
}

/** What is wrong with what was typed; anything else is thrown. */
async function refusalOf(work: () => Promise<void>) {
  try {
    await work()
    return undefined
  } catch (error) {
    if (isCoinError(error) && error.code === 'invalid' && error.fields.length > 0) return error.fields
    throw error
  }
}

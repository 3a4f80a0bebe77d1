import { currentScope, defineApp, defineConfiguration, defineJob } from 'coin'
import * as z from 'zod'
import { directoryBackends } from './backend.ts'
import { certificateParts, publicViews } from './certificates/index.ts'
import { personalData } from './personal.ts'
import { forget } from './rules.ts'
import { settings } from './settings.ts'
import { vpn } from './tables.ts'
import { accountViews } from './views/account.tsx'
import { HelpPage } from './views/help.tsx'
import { linkedProfile, showLink } from './views/link.tsx'
import { mine } from './views/mine.tsx'
import { toldOf } from './views/told.ts'

/** VPN accounts: OpenVPN reads them from a directory. Each member has a login, a password and addresses. */
export default defineApp({ name: 'vpn', verboseName: 'VPN', root: import.meta.url, settings }, given => {
  const certificates = given.certificates && certificateParts(given.certificates)
  return {
    configurations: [
      defineConfiguration({
        table: vpn,
        verboseName: 'VPN',
        describe: account => account.login,
        fields: {
          login: { label: 'Login', help: 'Given once, never to another account' },
          activated: { label: 'Switched on', help: 'Switched off, nobody connects with it, and a connection that is there ends' },
          ipv4Endpoint: {
            label: 'IPv4 address of the tunnel',
            help: 'Inside the subnets of the account; the first one when a subnet is added',
          },
          ipv6Endpoint: {
            label: 'IPv6 address of the tunnel',
            help: 'Inside the subnets of the account; the second one when a subnet is added',
          },
          passwordHash: { label: 'Password', secret: true },
          passwordMadeAt: { label: 'Password made' },
        },
        admin: {
          list: ['login', 'activated', 'ipv4Endpoint', 'ipv6Endpoint'],
          readonly: ['login', 'passwordMadeAt'],
          inline: { layout: 'stacked', fields: ['login', 'activated', 'ipv4Endpoint', 'ipv6Endpoint'] },
        },
        views: accountViews(given),
      }),
    ],
    backends: [...directoryBackends(given)],
    views: {
      mine: { path: '/', access: 'member', get: mine },
      accounts: {
        path: '/accounts',
        access: 'configuration.view',
        get: c => c.redirect(`${currentScope().basePath}/admin/configurations?view=vpn`, 302),
      },
      help: {
        path: '/help',
        access: 'signed_in',
        get: () => <HelpPage isMember={currentScope().actor.memberId !== undefined} passwords={given.passwords} />,
      },
      link: { path: '/link/:token', access: 'public', get: showLink },
      linked_profile: { path: '/link/:token/profile.ovpn', access: 'public', get: linkedProfile(given) },
      ...publicViews,
      session: { path: '/session', access: 'public', machine: true, post: toldOf(given) },
    },
    menu: [
      { label: 'VPN', view: 'mine', icon: 'shield-lock', audience: 'member', order: 30 },
      { label: 'VPN accounts', view: 'accounts', icon: 'shield-lock', audience: 'staff', section: 'network', order: 60 },
    ],
    personalData,
    css: ['css/vpn.css'],
    jobs: {
      ...certificates?.jobs,
      forget: defineJob({
        payload: z.strictObject({}),
        schedule: '40 3 * * *',
        run: (_payload, { tx }) => forget(given.keepSessionsDays, tx),
      }),
    },
    ...(certificates && { commands: certificates.commands, resources: certificates.resources, afterCommit: certificates.afterCommit }),
    permissions: { 'vpn.reset': 'Make a new password for a member’s VPN', ...certificates?.permissions },
    constraints: {
      ...certificates?.constraints,
      vpn_login_key: { field: 'login', message: 'Another account has this login.' },
      vpn_login_form: { field: 'login', message: 'A login has lower case letters, figures, dots, dashes and underscores, 64 at most.' },
      vpn_password_hashed: { field: 'passwordHash', message: 'Only a hash of a password is kept, with its scheme in front.' },
      vpn_ipv4_endpoint_family: { field: 'ipv4Endpoint', message: 'Give one IPv4 address.' },
      vpn_ipv6_endpoint_family: { field: 'ipv6Endpoint', message: 'Give one IPv6 address.' },
      vpn_ipv4_endpoint_key: { field: 'ipv4Endpoint', message: 'Another account has this address.' },
      vpn_ipv6_endpoint_key: { field: 'ipv6Endpoint', message: 'Another account has this address.' },
    },
  }
})

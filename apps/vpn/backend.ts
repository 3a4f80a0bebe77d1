import type { AnyBackend } from 'coin'
import { type LdapValue, ldapEntries } from 'coin-ldap'
import type { Account } from './account.ts'
import type { Directory, Settings } from './settings.ts'
import { vpn } from './tables.ts'

/** Each fact of an account, and the attribute that has it. */
type Names = Record<'login' | 'password' | 'enabled' | 'ipv4Endpoint' | 'ipv6Endpoint' | 'ipv4Route' | 'ipv6Route', string>

interface Layout {
  readonly objectClass: readonly string[]
  readonly names: Names
  enabled(yes: boolean): LdapValue
  /** Attributes that the object classes want beside. */
  readonly more: Readonly<Record<string, (account: Account) => LdapValue>>
}

const layouts: Readonly<Record<Directory['layout'], Layout>> = {
  coin: {
    objectClass: ['account', 'vpnAccount'],
    names: {
      login: 'uid',
      password: 'userPassword',
      enabled: 'vpnEnabled',
      ipv4Endpoint: 'vpnIPv4Endpoint',
      ipv6Endpoint: 'vpnIPv6Endpoint',
      ipv4Route: 'vpnIPv4Route',
      ipv6Route: 'vpnIPv6Route',
    },
    enabled: yes => yes,
    more: { coinConfigurationId: account => account.id },
  },
  // it had no attributes of its own: those of RADIUS for IPv4, and postal addresses for IPv6
  first_coin: {
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'radiusprofile'],
    names: {
      login: 'cn',
      password: 'userPassword',
      enabled: 'dialupAccess',
      ipv4Endpoint: 'radiusFramedIPAddress',
      ipv6Endpoint: 'postalAddress',
      ipv4Route: 'radiusFramedRoute',
      ipv6Route: 'registeredAddress',
    },
    enabled: yes => (yes ? 'yes' : 'no'),
    more: { sn: account => account.login },
  },
}

const routes = (account: Account, family: 4 | 6): string[] =>
  account.ipSubnets.filter(subnet => subnet.family === family).map(subnet => subnet.prefix)

/** Whether one may sign in: switched on, and not suspended. Without a password yet, nobody can; the certificate of an account may. */
const isEnabled = (account: Account): boolean => account.activated && !account.subscription.suspended

/**
 * One entry of the directory for each running account, from its first day: without a password the entry has none. It stays, with its flag off,
 * while the account is switched off or suspended, so that the VPN server can tell that from a login nobody has.
 */
export function directoryBackends({ ldap, directory }: Settings): readonly AnyBackend[] {
  if (!ldap || !directory) return []
  const { objectClass, names: ofLayout, enabled, more } = layouts[directory.layout]
  // what a setting leaves out is not there
  const names = { ...ofLayout, ...(directory.attributes as Partial<Names>) }
  return [
    ldapEntries(vpn, {
      name: 'vpn_ldap',
      label: 'LDAP directory',
      connection: ldap,
      base: directory.base,
      rdn: account => [names.login, account.login],
      objectClass: directory.objectClass ?? objectClass,
      whenSuspended: 'told',
      attributes: {
        [names.password]: { value: account => account.passwordHash, secret: true },
        [names.enabled]: account => enabled(isEnabled(account)),
        [names.ipv4Endpoint]: account => account.ipv4Endpoint,
        [names.ipv6Endpoint]: { value: account => account.ipv6Endpoint, ignoreCase: true },
        [names.ipv4Route]: account => routes(account, 4),
        [names.ipv6Route]: { value: account => routes(account, 6), ignoreCase: true },
        ...more,
      },
    }),
  ]
}

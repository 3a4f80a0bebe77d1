/** Keeps an LDAP directory in agreement with the configurations. See docs/backends/ldap.md. */
export { type LdapAttribute, type LdapEntries, ldapEntries } from './entries.ts'
export { type LdapConnection, ldapConnection } from './settings.ts'
export type { LdapEntry, LdapValue } from './values.ts'

import { configurationTable } from 'coin'
import { boolean, inet, text, timestamp } from 'drizzle-orm/pg-core'

/** A VPN account. A trigger fills what is left empty: the login, and the endpoints from the subnets. */
export const vpn = configurationTable('vpn', {
  login: text().notNull().default('').unique('vpn_login_key'),
  activated: boolean().notNull().default(true),
  /** With its scheme in front, such as `{ARGON2}$argon2id$…`. */
  passwordHash: text('password_hash'),
  /** A trigger writes it. */
  passwordMadeAt: timestamp('password_made_at', { withTimezone: true }),
  ipv4Endpoint: inet('ipv4_endpoint'),
  ipv6Endpoint: inet('ipv6_endpoint'),
})

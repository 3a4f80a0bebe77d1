import { bigint, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** Certificates that were issued. What was signed never changes; the database sees to it. */
export const certificates = pgTable('vpn_certificate', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  version: integer().notNull().default(1),
  configurationId: bigint('configuration_id', { mode: 'number' }),
  login: text().notNull(),
  holder: text().notNull().default(''),
  serial: text().notNull().unique('vpn_certificate_serial_key'),
  certificate: text().notNull(),
  keyKind: text('key_kind').notNull(),
  madeBy: text('made_by', { enum: ['csr', 'bundle', 'browser'] }).notNull(),
  notBefore: timestamp('not_before', { withTimezone: true }).notNull(),
  notAfter: timestamp('not_after', { withTimezone: true }).notNull(),
  revokedAt: timestamp('revoked_at', { withTimezone: true }),
  reason: text(),
})

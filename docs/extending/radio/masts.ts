import { defineResource } from 'coin'
import { sql } from 'drizzle-orm'
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'

export const mast = pgTable('radio_mast', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  version: integer().notNull().default(1),
  name: text().notNull(),
  quiet: integer().notNull().default(0),
})

/** `coin mast add --name Hill`, and `/admin/masts`. */
export const masts = defineResource({
  name: 'mast',
  plural: 'masts',
  label: 'Mast',
  labelPlural: 'Masts',
  section: 'network',
  table: mast,
  key: ['name'],
  fields: { name: { label: 'Name' }, quiet: { label: 'Nights without an answer' } },
  add: ['name'],
  change: ['name'],
  inlines: [{ resource: 'radio_antenna', field: 'mastId' }],
  list: {
    from: sql`radio_mast`,
    columns: [
      { key: 'name', label: 'Name', sql: sql`radio_mast.name`, sortable: true },
      { key: 'quiet', label: 'Nights without an answer', sql: sql`radio_mast.quiet`, sortable: true, align: 'end' },
    ],
    search: term => sql`radio_mast.name ILIKE '%' || ${term} || '%'`,
    sort: 'name',
  },
  describe: row => String(row.name),
})

import { defineResource } from 'coin'
import { sql } from 'drizzle-orm'
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'

export const antenna = pgTable('radio_antenna', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  version: integer().notNull().default(1),
  mastId: bigint('mast_id', { mode: 'number' }).notNull(),
  name: text().notNull(),
  azimuth: integer().notNull().default(0),
})

/** What hangs on a mast: edited in its form, and without a line in the menu. */
export const antennas = defineResource({
  name: 'radio_antenna',
  plural: 'radio-antennas',
  label: 'Antenna',
  labelPlural: 'Antennas',
  labelNew: 'New antenna',
  offMenu: true,
  table: antenna,
  fields: {
    mastId: { label: 'Mast', reference: 'mast' },
    name: { label: 'Name of the antenna' },
    azimuth: { label: 'Azimuth', unit: '°' },
  },
  add: ['mastId', 'name', 'azimuth'],
  change: ['mastId', 'name', 'azimuth'],
  list: {
    from: sql`radio_antenna`,
    columns: [{ key: 'name', label: 'Name of the antenna', sql: sql`radio_antenna.name` }],
    sort: 'name',
  },
  describe: row => String(row.name),
})

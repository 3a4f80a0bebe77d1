import { configurationTable } from 'coin'
import { inet, text } from 'drizzle-orm/pg-core'

/** A subscriber reached by radio. */
export const radio = configurationTable('radio', {
  mac: text().notNull().unique('radio_mac_key'),
  place: text().notNull().default(''),
  endpoint: inet(),
  passphrase: text(),
})

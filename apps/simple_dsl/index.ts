import { configurationTable, defineApp, defineConfiguration } from 'coin'
import { varchar } from 'drizzle-orm/pg-core'

/** A line that another operator brings to a telephone number. */
export const simpleDsl = configurationTable('simple_dsl', {
  phoneNumber: varchar('phone_number', { length: 20 }).notNull(),
})

const line = defineConfiguration({
  table: simpleDsl,
  verboseName: 'DSL line',
  describe: dsl => dsl.phoneNumber,
  fields: { phoneNumber: { label: 'Phone number', help: 'The number the line is attached to' } },
  admin: { list: ['phoneNumber'], inline: { fields: ['phoneNumber'] } },
})

export default defineApp({ name: 'simple_dsl', verboseName: 'DSL lines', root: import.meta.url }, { configurations: [line] })

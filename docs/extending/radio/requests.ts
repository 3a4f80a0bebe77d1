import { defineRequest } from 'coin'
import { sql } from 'drizzle-orm'

/** A member wants somebody to look at the antenna. */
export const visit = defineRequest({
  name: 'radio_visit',
  label: 'A visit to the antenna',
  help: 'When the link is slow, or the antenna has moved',
  icon: 'antenna',
  needsMessage: true,
  fields: { place: { label: 'Place', required: true } },
  settles: { day: { label: 'Day of the visit', kind: 'date', required: true } },
  async accept({ memberId, wanted }, { day }, tx) {
    await tx.execute(sql`INSERT INTO radio_visit (member_id, place, day) VALUES (${memberId}, ${wanted.place}, ${day})`)
  },
})

import { asWords, defineFinder } from 'coin'
import { sql } from 'drizzle-orm'

/** Links by the place they stand in: `hill`, and `mast 3` for those on a mast. */
export const places = defineFinder<string>({
  name: 'radio_place',
  label: 'Radio links by place',
  icon: 'antenna',
  access: 'configuration.view',
  understand(text) {
    const mast = /^mast\s+(\w+)$/i.exec(text)?.[1]
    return mast ? { as: 'the name of a mast', value: mast } : asWords(text)
  },
  async find(place, tx, limit) {
    const { rows } = await tx.execute<{ id: number; mac: string; place: string }>(
      sql`SELECT id, mac, place FROM radio WHERE strpos(lower(place), lower(${place})) > 0 ORDER BY place, id LIMIT ${limit}`,
    )
    return rows.map(row => ({
      label: row.mac,
      sub: row.place,
      path: `/admin/configurations/${row.id}`,
      exact: row.place.toLowerCase() === place.toLowerCase(),
    }))
  },
})

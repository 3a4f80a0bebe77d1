import type { Command } from 'coin'
import { sql } from 'drizzle-orm'

/** `coin radio move <from> <to> [--dry-run]` */
export const commands: Readonly<Record<string, Command>> = {
  move: {
    summary: 'Renames a place',
    arguments: ['from', 'to'],
    options: { dryRun: 'count the links only' },
    async run({ arguments: { from, to }, options }, tx) {
      if (options.dryRun) return (await tx.execute(sql`SELECT count(*) AS links FROM radio WHERE place = ${from}`)).rows[0]
      const { rowCount } = await tx.execute(sql`UPDATE radio SET place = ${to} WHERE place = ${from}`)
      return { links: rowCount }
    },
  },
}

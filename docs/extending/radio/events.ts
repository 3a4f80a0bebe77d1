import { type AfterCommit, type BeforeCommit, CoinError } from 'coin'
import { sql } from 'drizzle-orm'

/** In the transaction of the change: may write, may refuse. */
export const beforeCommit: BeforeCommit = {
  async offer({ id, op }, tx) {
    if (op === 'removed') return
    const { rows } = await tx.execute(sql`SELECT FROM offer WHERE id = ${id} AND configuration_type = 'radio' AND commitment_months > 12`)
    if (rows.length > 0) throw new CoinError('refused', 'A radio link binds nobody for more than a year.')
  },
}

/** In a job after the commit, whoever made the change: each one once, those of a row together and in order. */
export const afterCommit: AfterCommit = {
  async member(id, changes, tx) {
    if (changes.some(change => change.op === 'added'))
      await tx.execute(sql`INSERT INTO radio_letter (member_id) VALUES (${id}) ON CONFLICT DO NOTHING`)
  },
}

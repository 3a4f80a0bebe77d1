import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { mailDigest } from './staff-mails.ts'

/** Forgets who never confirmed, attempts that count no more, and requests of people who did not become members once their term is over. */
export async function forgetOld(tx: Tx, keepRefusedMonths: number): Promise<void> {
  await tx.execute(sql`DELETE FROM sign_up WHERE expires_at < now()`)
  await tx.execute(sql`DELETE FROM request_attempt WHERE since < now() - interval '1 day'`)
  await tx.execute(sql`DELETE FROM request WHERE member_id IS NULL AND closed_at < now() - make_interval(months => ${keepRefusedMonths})`)
}

export const jobs = {
  forget: defineJob({
    payload: z.object({}),
    schedule: '12 4 * * *',
    run: (_, { tx }) => forgetOld(tx, currentScope().registry.config.requests.keepRefusedMonths),
  }),
  digest: defineJob({
    payload: z.object({}),
    schedule: '0 8 * * *',
    run: async (_, { tx }) => {
      if (currentScope().registry.config.requests.tell === 'daily') await mailDigest(tx)
    },
  }),
}

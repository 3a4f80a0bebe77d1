import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { defineJob } from '../../app/job.ts'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { executeBatch } from './batches.ts'
import { settleReturns } from './returns.ts'

/** What happens by itself: collections are paid on their day, returns told, and mandates that nobody used end. */
export const sepaJobs = {
  look_after_debits: defineJob({
    payload: z.object({}),
    schedule: '* * * * *',
    async run(_, { tx, log }) {
      const executed = await executeDue(tx)
      if (executed > 0) log.info(`${executed} direct debits are recorded as paid`)
      const returned = await settleReturns(tx)
      if (returned > 0) log.info(`${returned} direct debits came back`)
      await endUnused(tx)
    },
  }),
}

/** Records what was collected by batches that the bank has and whose day has come. Returns how many payments. */
export async function executeDue(tx: Tx): Promise<number> {
  if (!currentScope().registry.config.payments.directDebit.executes) return 0
  const { rows } = await tx.execute<{ id: number }>(
    sql`SELECT id FROM sepa_batch WHERE state = 'sent' AND collect_on <= coin.today() ORDER BY id LIMIT 1`,
  )
  const [batch] = rows
  return batch ? executeBatch(tx, batch.id) : 0
}

/** Ends mandates that nothing was collected by for 36 months. */
export async function endUnused(tx: Tx): Promise<void> {
  await tx.execute(sql`
    UPDATE sepa_mandate m SET state = 'revoked', ended_on = coin.today(), ended_why = 'unused'
    WHERE state = 'active' AND signed_on <= coin.today() AND NOT coin.mandate_usable(m, coin.today())
      AND NOT EXISTS (SELECT FROM sepa_collection c WHERE c.mandate_id = m.id AND c.state = 'pending')`)
}

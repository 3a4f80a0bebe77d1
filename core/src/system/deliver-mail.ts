import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { messageOf } from '../db/storable.ts'
import { isCoinError } from '../errors.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { type Carrier, connections, openCarrier } from './carrier.ts'
import { composeMail, type Letter } from './compose-mail.ts'
import { cannotBeEncrypted } from './mail-error.ts'
import { takeLetters } from './waiting-mail.ts'

/** After these the mail stays as it is, with its error, for a person to see: some three days. */
const mostAttempts = 80

export interface Delivery {
  readonly sent: number
  readonly failed: number
}

interface Outcome {
  readonly id: number
  /** Why it could not be sent. */
  readonly error?: string
  /** To try it again by itself would not help. */
  readonly final?: boolean
}

/**
 * Sends the mails that wait, a batch of them, and asks for the next. A failure is noted on its mail, which is tried again later, and keeps
 * no other one waiting. One that has a key and cannot be encrypted is not sent.
 */
export async function deliverMails(tx: Tx): Promise<Delivery> {
  const { letters, more } = await takeLetters(tx)
  if (letters.length === 0) return { sent: 0, failed: 0 }
  const carrier = await openCarrier()
  let outcomes: readonly Outcome[]
  let trouble: string | undefined
  try {
    trouble = await carrier.trouble()
    const error = trouble
    outcomes = error === undefined ? await carryAll(carrier, letters) : letters.map(({ id }) => ({ id, error }))
  } finally {
    carrier.close()
  }
  await note(tx, outcomes, carrier.leaves)
  // a server that is away is asked again by the schedule
  if (more && trouble === undefined) await enqueue(tx, 'system:deliver_mail', {})
  const failed = outcomes.filter(({ error }) => error !== undefined).length
  return { sent: outcomes.length - failed, failed }
}

/** Each in its turn, as many at once as there are connections. */
async function carryAll(carrier: Carrier, letters: readonly Letter[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const rest = letters.values()
  const lane = async () => {
    for (const letter of rest) outcomes.push(await attempt(carrier, letter))
  }
  await Promise.all(Array.from({ length: connections }, lane))
  return outcomes
}

async function attempt(carrier: Carrier, letter: Letter): Promise<Outcome> {
  const { id } = letter
  try {
    await carrier.carry(id, await composeMail(letter))
    return { id }
  } catch (error) {
    return isCoinError(error) ? { id, error: cannotBeEncrypted(error.message), final: true } : { id, error: messageOf(error).slice(0, 500) }
  }
}

const note = (tx: Tx, outcomes: readonly Outcome[], leaves: boolean) =>
  tx.execute(sql`
    UPDATE coin.mail SET attempts = attempts + 1, error = outcome.error,
      sent_at = CASE WHEN outcome.error IS NULL THEN clock_timestamp() END,
      body = CASE WHEN outcome.error IS NULL AND secret AND ${leaves} THEN '' ELSE body END,
      next_attempt_at = CASE WHEN outcome.final OR attempts + 1 >= ${mostAttempts} THEN 'infinity'
        ELSE clock_timestamp() + least(interval '1 minute' * (attempts + 1), interval '1 hour') END
    FROM json_to_recordset(${JSON.stringify(outcomes)}::json) AS outcome (id bigint, error text, final boolean) WHERE mail.id = outcome.id`)

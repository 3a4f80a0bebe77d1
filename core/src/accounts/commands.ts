import { sql } from 'drizzle-orm'
import type { Command } from '../app/job.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { resetSecondFactor, sendPasswordLink } from './reset-factors.ts'

const resetFactors: Command = {
  summary: 'Take away a second factor and the passkeys that somebody has lost',
  arguments: ['email'],
  async run(input, tx) {
    await resetSecondFactor(tx, await userWith(input.arguments.email, tx))
    return 'The second factor and the passkeys are gone, and the sessions ended. A mail says so.'
  },
}

const passwordLink: Command = {
  summary: 'Mail somebody a link to choose a password',
  arguments: ['email'],
  async run(input, tx) {
    await sendPasswordLink(tx, await userWith(input.arguments.email, tx))
    return 'A mail with a link is on its way. The link works for an hour.'
  },
}

export const commands = { resetFactors, passwordLink }

async function userWith(email: string | undefined, tx: Tx): Promise<string> {
  const { rows } = await tx.execute<{ id: string }>(sql`SELECT id FROM auth."user" WHERE email = ${(email ?? '').trim().toLowerCase()}`)
  if (!rows[0]) throw new CoinError('not_found', 'Nobody signs in as {{email}}.', { values: { email: email ?? '' } })
  return rows[0].id
}

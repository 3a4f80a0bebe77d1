import { createHash, timingSafeEqual } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { currentScope, isStaff, mayEverywhere } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { answerFile, type FileKind } from './files.ts'
import { readPeriod } from './period.ts'

/**
 * A file that an accounting tool pulls: `?from=2026-01-01&to=2026-03-31`. For who has the token of `COIN_ACCOUNTING_TOKEN`, and for staff who
 * may export; without the variable only for them.
 */
export const pullView = (kind: FileKind): View => ({
  path: `/accounting/${kind}`,
  access: 'public',
  async get(c) {
    const { actor, db } = currentScope()
    if (!hasToken(c.req.header('authorization')) && !(isStaff(actor) && mayEverywhere(actor, 'accounting.export'))) {
      if (actor.kind !== 'nobody')
        throw new CoinError('forbidden', 'You may not open this page.', { hint: 'Ask somebody who works for the provider.' })
      return c.text('A token is needed: Authorization: Bearer …\n', 401, { 'WWW-Authenticate': 'Bearer realm="accounting"' })
    }
    return answerFile(c, kind, readPeriod(c.req.query('from'), c.req.query('to'), await todayIn(db)))
  },
})

export async function todayIn(db: Tx): Promise<string> {
  const { rows } = await db.execute<{ today: string }>(sql`SELECT coin.today()::text AS today`)
  return rows[0]?.today ?? ''
}

/** Compared by digest: how long it takes says nothing about the token. */
function hasToken(header: string | undefined): boolean {
  const wanted = process.env.COIN_ACCOUNTING_TOKEN
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]
  return Boolean(wanted) && given !== undefined && timingSafeEqual(digest(given), digest(wanted ?? ''))
}

const digest = (text: string) => createHash('sha256').update(text).digest()

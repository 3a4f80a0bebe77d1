import { sql } from 'drizzle-orm'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { filled } from './placeholders.ts'
import { readerOf, valuesFor } from './reader.ts'
import type { RequestRow } from './tables.ts'

/** What staff do with a request. */
export type DealStep = 'accept' | 'refuse' | 'answer'

/** A template as staff choose it, filled in for one request. */
export interface Draft {
  readonly id: number
  readonly name: string
  readonly language: string
  readonly subject: string
  readonly text: string
}

interface Stored extends Record<string, unknown> {
  readonly id: number
  readonly name: string
  readonly language: string
  readonly subject: string
  readonly body: string
}

/** The templates that fit a request and a step, filled in: those in the language of who asked first, those of its kind before others. */
export async function draftsFor(tx: Tx, request: RequestRow, step: DealStep): Promise<readonly Draft[]> {
  const reader = await readerOf(tx, request)
  if (!reader) return []
  const { rows } = await tx.execute<Stored>(sql`
    SELECT id, name, language, subject, body FROM answer_template
    WHERE step = ${step} AND kind IN ('', ${request.kind})
    ORDER BY language <> ${reader.language}, kind = '', name, id`)
  return rows.map(({ id, name, language, subject, body }) =>
    withinScope({ locale: language, app: 'request' }, () => {
      const values = valuesFor(request, reader)
      return { id, name, language, subject: filled(subject, values), text: filled(body, values) }
    }),
  )
}

/** The language in which who asked is answered. */
export const languageOf = async (tx: Tx, request: RequestRow): Promise<string> =>
  (await readerOf(tx, request))?.language ?? currentScope().registry.config.provider.language

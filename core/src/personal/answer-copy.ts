import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { streamPieces } from '../accounting/snapshot.ts'
import { currentScope } from '../app/scope.ts'
import { htmlCopy } from './copy-html.ts'
import { jsonCopy } from './copy-json.ts'

type CopyFormat = 'json' | 'html'

/** The two forms of a copy. */
export const copyPieces = { json: jsonCopy, html: htmlCopy } as const

/** Answers with a copy of what is held about a member, piece by piece, and notes that it was taken. */
export async function answerCopy(c: Context, memberId: number, format: CopyFormat, byMember: boolean): Promise<Response> {
  const { coin, actor } = c.var
  await coin.transaction(actor, tx =>
    tx.execute(sql`INSERT INTO data_copy (member_id, format, by_member) VALUES (${memberId}, ${format}, ${byMember})`),
  )
  const { db } = currentScope()
  const body = await streamPieces(db, tx => copyPieces[format](tx, memberId))
  const type = format === 'json' ? 'application/json' : 'text/html; charset=utf-8'
  return c.body(body, 200, {
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="data-${memberId}.${format}"`,
    'Cache-Control': 'no-store',
  })
}

/** The form that was asked for: what people can read unless it says otherwise. */
export const formatOf = (text: string): CopyFormat => (text === 'json' ? 'json' : 'html')

import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { Letter } from './compose-mail.ts'
import { readContents } from './file.ts'

/** Few, because all of them are sent again when the process dies before it could note that they were. */
const batch = 50
/** How much of attachments is in memory at once, unless one mail alone has more. */
const mostBytes = 16 * 1024 * 1024

interface Waiting extends Omit<Letter, 'attachments'>, Record<string, unknown> {
  readonly attachments: readonly { readonly name: string; readonly hash: string; readonly mediaType: string; readonly size: number }[]
}

/** The next mails to send, those due first, locked until `tx` ends; `more` when others may wait behind them. */
export async function takeLetters(tx: Tx): Promise<{ readonly letters: readonly Letter[]; readonly more: boolean }> {
  const { rows } = await tx.execute<Waiting>(sql`
    WITH due AS (
      SELECT id, recipient, subject, body, created_at, openpgp_key, language, next_attempt_at FROM coin.mail
      WHERE sent_at IS NULL AND next_attempt_at <= clock_timestamp()
      ORDER BY next_attempt_at, id LIMIT ${batch} FOR UPDATE SKIP LOCKED)
    SELECT id, recipient, subject, body, to_json(created_at) #>> '{}' AS "createdAt", openpgp_key AS "openpgpKey", language,
      coalesce((SELECT json_agg(json_build_object('name', a.name, 'hash', encode(f.hash, 'hex'), 'mediaType', f.media_type, 'size', f.size) ORDER BY position)
        FROM coin.mail_attachment a JOIN coin.file f ON f.hash = a.hash WHERE a.mail_id = due.id), '[]') AS attachments
    FROM due ORDER BY next_attempt_at, id`)
  const taken = asManyAsFit(rows)
  const contents = await readContents(tx, [...new Set(taken.flatMap(mail => mail.attachments.map(({ hash }) => hash)))])
  const letters = taken.map(mail => ({
    ...mail,
    attachments: mail.attachments.map(({ name, mediaType, hash }) => ({ name, mediaType, content: contents.get(hash) ?? missing(hash) })),
  }))
  return { letters, more: rows.length === batch || taken.length < rows.length }
}

/** The first ones, whose files together stay below the limit. A file that several mails have counts once. */
function asManyAsFit(mails: readonly Waiting[]): readonly Waiting[] {
  const known = new Set<string>()
  let bytes = 0
  const end = mails.findIndex(({ attachments }, index) => {
    for (const { hash, size } of attachments) {
      if (!known.has(hash)) bytes += size
      known.add(hash)
    }
    return bytes > mostBytes && index > 0
  })
  return end === -1 ? mails : mails.slice(0, end)
}

function missing(hash: string): never {
  throw new Error(`The file ${hash} is not there, although a mail refers to it.`)
}

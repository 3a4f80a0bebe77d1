import { open } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import { writePieces } from '../accounting/snapshot.ts'
import { withinScope } from '../app/scope.ts'
import { CoinError } from '../errors.ts'
import { findMember } from '../members/queries.ts'
import { copyPieces } from '../personal/answer-copy.ts'
import { erasures } from '../personal/erasures.ts'
import { eraseWhatRanOut, type RunOut } from '../personal/run-out.ts'
import type { CliContext } from './context.ts'
import { print, table } from './output.ts'

export async function data(
  context: CliContext,
  text: string,
  { format, output }: { readonly format: 'json' | 'html'; readonly output?: string },
): Promise<void> {
  context.subject = 'personal'
  await context.withCoin((coin, actor) =>
    withinScope({ app: 'personal' }, async () => {
      const { db } = coin.database
      const id = /^\d{1,15}$/.test(text) ? Number(text) : ((await findMember(db, text)) ?? 0)
      const { rows } = await db.execute(sql`SELECT FROM member WHERE id = ${id}`)
      if (rows.length === 0) throw new CoinError('not_found', 'This member does not exist.')
      const file = output === undefined ? undefined : await create(output)
      try {
        await coin.transaction(actor, tx =>
          tx.execute(sql`INSERT INTO data_copy (member_id, format, by_member) VALUES (${id}, ${format}, false)`),
        )
        await writePieces(
          db,
          tx => copyPieces[format](tx, id),
          async piece => {
            await (file ? file.write(piece) : toTerminal(piece))
          },
        )
      } finally {
        await file?.close()
      }
    }),
  )
}

export async function list(context: CliContext): Promise<void> {
  await context.withCoin(async coin => {
    const found = await erasures(coin.database.db)
    print(context, found, () =>
      table(
        ['Number', 'Member', 'State', 'Asked', 'In the way'],
        found.map(({ id, memberName, state, askedAt, obstacles }) => [
          String(id),
          memberName,
          state,
          askedAt.slice(0, 10),
          obstacles.join(', '),
        ]),
      ),
    )
  })
}

export async function run(context: CliContext, dryRun: boolean): Promise<void> {
  context.subject = 'personal'
  await context.withCoin((coin, actor) =>
    withinScope({ app: 'personal' }, async () => {
      const counts = new Map<string, RunOut>()
      for (;;) {
        const done = await coin.transaction(actor, tx => eraseWhatRanOut(tx, dryRun))
        for (const each of done) {
          const before = counts.get(each.name)
          counts.set(each.name, { ...each, members: each.members + (before?.members ?? 0), erased: each.erased + (before?.erased ?? 0) })
        }
        if (dryRun || done.length === 0) break
      }
      const rows = [...counts.values()]
      print(context, rows, () =>
        rows.length === 0
          ? 'Nothing has reached its term.'
          : table(
              ['Data', 'Members', dryRun ? 'Would be erased' : 'Rows erased'],
              rows.map(({ name, members, erased }) => [name, String(members), dryRun ? 'yes' : String(erased)]),
            ),
      )
    }),
  )
}

async function create(path: string) {
  return open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST'
      ? new CoinError('conflict', 'There is a file of that name already: {{path}}', { values: { path }, hint: 'Give another name.' })
      : error
  })
}

const toTerminal = (piece: string): Promise<void> =>
  new Promise((resolve, reject) => process.stdout.write(piece, error => (error ? reject(error) : resolve())))

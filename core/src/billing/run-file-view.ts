import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { streamOf } from '../web/stream.ts'
import { previewFile } from './run-file.ts'
import { runIdIn } from './run-page.tsx'
import { findRun, shownToken } from './run-queries.ts'

/** Each line that a dry run shows, as a file that is sent while it is read. */
export const runFileView: View = {
  path: '/admin/runs/:id{[0-9]+}/lines.csv',
  access: 'billing.run',
  async get(c) {
    const { db } = currentScope()
    const run = await findRun(db, runIdIn(c))
    if (run.state !== 'preview')
      throw new CoinError('refused', 'Only a dry run that waits has this file.', { hint: 'Its invoices say what was billed.' })
    return c.body(streamOf(whole(db, run.id, shownToken(run))), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="run-${run.id}-${run.date}.csv"`,
      'Cache-Control': 'no-store',
    })
  },
}

/** Breaks off when the run is applied or worked out again meanwhile: a file that is cut short is seen, one that lacks lines is not. */
async function* whole(db: Tx, id: number, token: string): AsyncGenerator<string> {
  yield* previewFile(db, id)
  const run = await findRun(db, id)
  if (run.state !== 'preview' || shownToken(run) !== token) throw new CoinError('conflict', 'The run was worked out again meanwhile.')
}

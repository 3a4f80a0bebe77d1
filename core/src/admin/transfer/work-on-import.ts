import { sql } from 'drizzle-orm'
import { currentScope, withinScope } from '../../app/scope.ts'
import type { Coin } from '../../coin.ts'
import type { Tx } from '../../db/database.ts'
import { isCoinError } from '../../errors.ts'
import { applyImport, type ImportRequest, rehearseImport } from './carry-out.ts'
import { findImportFile, type ImportFile, markApplied, markChecked, markFailed, readImportFile } from './import-file.ts'
import { readSheets } from './read-file.ts'

/** Files above this many bytes are looked at by a job: nobody waits for them in a request. */
export const largestAtOnce = 400_000
/** The same of spreadsheets, which are packed. */
const largestPackedAtOnce = 100_000

/** Whether a file is small enough that one waits for it. */
export const isQuick = ({ size, name }: Pick<ImportFile, 'size' | 'name'>): boolean =>
  size <= (/\.xlsx$/i.test(name) ? largestPackedAtOnce : largestAtOnce)

/** Looks at what a file would do, and keeps that. Throws when it cannot be read. */
export async function checkImport(coin: Coin, file: ImportFile, db: Tx): Promise<void> {
  const outcome = await rehearseImport(coin, await requestOf(db, file))
  await markChecked(db, file.id, outcome)
}

/** Imports a file as it was shown; true when that is done. `last` runs in its transaction. */
export async function importNow(
  coin: Coin,
  file: ImportFile,
  { goodRows, last }: { readonly goodRows: boolean; last?(tx: Tx): Promise<void> },
): Promise<boolean> {
  const { db } = coin.database
  const { kept, outcome } = await applyImport(coin, await requestOf(db, file), {
    digest: file.outcome?.digest ?? '',
    goodRows,
    finish: async (tx, found) => {
      await markApplied(tx, file.id, found)
      await last?.(tx)
    },
  })
  if (!kept) await markChecked(db, file.id, outcome, true)
  return kept
}

async function requestOf(db: Tx, { id, kind, hash }: ImportFile): Promise<ImportRequest> {
  const { content } = await readImportFile(db, id)
  return {
    sheets: await readSheets(content),
    kind,
    hash,
    // seen while the import is not: it has a transaction of its own
    progress: async (done, total) => void (await db.execute(sql`UPDATE import_file SET done = ${done}, total = ${total} WHERE id = ${id}`)),
  }
}

/** What a job does with a file: looks at it, or imports it, in the name of who asked. */
export async function workOnImport(coin: Coin, id: number, finish: (tx: Tx) => Promise<void>): Promise<void> {
  const { db } = coin.database
  const file = await findImportFile(db, id)
  const done = () => coin.transaction(currentScope().actor, finish)
  if (!file || (file.state !== 'checking' && file.state !== 'applying')) return done()
  try {
    const { actor } = await readImportFile(db, id)
    const finished = await withinScope({ actor, locale: file.locale }, async () => {
      if (file.state === 'applying') return importNow(coin, file, { goodRows: file.goodRows, last: finish })
      await checkImport(coin, file, db)
      return false
    })
    if (finished) return
  } catch (error) {
    if (isCoinError(error) && error.code === 'unavailable') throw error
    await markFailed(db, id, error)
    if (!isCoinError(error)) console.error(error)
  }
  return done()
}

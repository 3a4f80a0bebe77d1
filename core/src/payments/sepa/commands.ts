import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from '../../app/job.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { parseDate } from '../../ui/index.ts'
import { batchFile, batchOf, listBatches } from './batch-queries.ts'
import { cancelBatch, executeBatch, makeBatch, markSent } from './batches.ts'
import { checkDay, collectableOn, firstDay } from './collectable.ts'
import { applyReport } from './report.ts'

const idOf = (text: string | undefined): number => {
  if (!/^\d{1,15}$/.test(text ?? '')) throw new CoinError('not_found', 'This batch is not there.')
  return Number(text)
}

const collect: Command = {
  summary: 'show what would be collected on a day by direct debit; with --apply, make the batch and tell its members',
  arguments: ['day?'],
  options: { apply: 'make the batch', plan: 'with --apply: only if it is still what was shown with this token <token>' },
  async run({ arguments: { day }, options }, tx) {
    const read = parseDate(day ?? (await firstDay(tx)))
    if (!read.ok) throw new CoinError('invalid', read.message, { values: read.values })
    await checkDay(tx, read.value)
    const shown = await collectableOn(tx, read.value)
    if (!options.apply) return shown
    const batch = await makeBatch(tx, read.value, typeof options.plan === 'string' ? options.plan : shown.token)
    if (batch === undefined) throw new CoinError('conflict', 'This is not what was shown any more.', { hint: 'Look at it again.' })
    return { batch, ...shown }
  },
}

const file: Command = {
  summary: 'write the file of a batch for the bank (pain.008)',
  arguments: ['batch', 'path'],
  async run({ arguments: { batch: id, path = '' } }, tx) {
    const batch = await batchOf(tx, idOf(id))
    await writeFile(path, await batchFile(tx, batch), { mode: 0o600 })
    return { batch: batch.id, path, total: batch.total, count: batch.count }
  },
}

const batches: Command = {
  summary: 'the batches of direct debits, newest first',
  run: async (_, tx) =>
    (await listBatches(tx)).map(({ id, collectOn, state, messageId, count, total, returned }) => ({
      batch: id,
      collectOn,
      state,
      messageId,
      count,
      total,
      returned,
    })),
}

const stepOf = (summary: string, work: (tx: Tx, id: number) => Promise<unknown>): Command => ({
  summary,
  arguments: ['batch'],
  async run({ arguments: { batch } }, tx) {
    await work(tx, idOf(batch))
    const { id, state } = await batchOf(tx, idOf(batch))
    return { batch: id, state }
  },
})

const report: Command = {
  summary: 'read the bank’s answer to a file (pain.002): what it refuses is returned',
  arguments: ['file'],
  async run({ arguments: { file: path = '' } }, tx) {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw new CoinError('invalid', 'The file {{file}} cannot be read: {{reason}}.', {
        values: { file: path, reason: error.code ?? error.message },
      })
    })
    const done = await applyReport(tx, bytes)
    if ('problems' in done) {
      throw new CoinError('invalid', 'Nothing was done: the answer cannot be read as a whole.', {
        fields: done.problems.map(({ field, message, values }) => ({ field: field ?? '', message, values: values ?? {} })),
      })
    }
    return done
  },
}

/** `coin payments collect`, `debit-file`, `debit-batches`, `debit-sent`, `debit-execute`, `debit-cancel`, `debit-report`. */
export const sepaCommands = {
  collect,
  debitFile: file,
  debitBatches: batches,
  debitSent: stepOf('the bank has the file of a batch', markSent),
  debitExecute: stepOf('record the payments of a batch whose day has come', executeBatch),
  debitCancel: stepOf('give a batch up that the bank does not have', cancelBatch),
  debitReport: report,
}

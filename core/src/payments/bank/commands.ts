import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { t } from '../../app/i18n.ts'
import type { Command, CommandInput } from '../../app/job.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { type ImportRow, importLines, importOf, type LineRow, overlapsOf } from './import-queries.ts'
import { applyImport } from './imports.ts'
import { previewFile } from './preview.ts'
import { undoImport } from './undo.ts'
import { sayReason } from './words.tsx'

/** A statement from the command line. A dry run unless `--apply`: it leaves nothing behind. */
const importCommand: Command = {
  summary: 'show what a bank statement would do, line by line; with --apply, import it',
  arguments: ['file'],
  options: {
    account: 'the account: its name, IBAN or id <account>',
    apply: 'import it',
    plan: 'with --apply: only if it is still what the dry run of this digest showed <digest>',
    overlapping: 'with --apply: though these days came in another format before',
  },
  async run(input, tx) {
    const shown = await dryRun(input, tx)
    const { apply, plan, overlapping } = input.options
    if (!apply) throw new DryRun(shown)
    if (typeof plan === 'string' && plan !== shown.digest)
      throw new CoinError('conflict', 'This is not what the dry run showed any more.', { hint: 'Look at the dry run again.' })
    await applyImport(tx, { importId: shown.import, digest: shown.digest, overlapping: overlapping === true })
    return { ...shown, applied: true }
  },
}

/** Leaves the transaction of a dry run, which is taken back. */
class DryRun extends Error {
  readonly shown: unknown
  constructor(shown: unknown) {
    super('dry run')
    this.shown = shown
  }
}

/** Runs what may be a dry run in a savepoint, so that nothing of it is left. */
const withDryRun = (command: Command): Command => ({
  ...command,
  async run(input, tx) {
    try {
      return await tx.transaction(inner => command.run(input, inner as unknown as Tx))
    } catch (error) {
      if (error instanceof DryRun) return error.shown
      throw error
    }
  },
})

async function dryRun({ arguments: { file = '' }, options }: CommandInput, tx: Tx) {
  const accountId = await accountNamed(tx, options.account)
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new CoinError('invalid', 'The file {{file}} cannot be read: {{reason}}.', {
      values: { file, reason: error.code ?? error.message },
    })
  })
  const found = await previewFile(tx, { accountId, name: path.basename(file), bytes }, true)
  if (found.kind === 'problems') {
    throw new CoinError('invalid', 'Nothing was imported: the file cannot be read as a whole.', {
      fields: found.problems.map(({ line, field, message, values }) => ({
        field: [line && t('line {{line}}', { line }), field].filter(Boolean).join(', ') || t('file'),
        message,
        values: values ?? {},
      })),
    })
  }
  return report(tx, found.importId, createHash('sha256').update(bytes).digest('hex'))
}

async function report(tx: Tx, importId: number, hash: string) {
  const row = await importOf(tx, importId)
  const lines = await importLines(tx, importId, { limit: 1_000_000 })
  const overlaps = await overlapsOf(tx, importId)
  return {
    import: importId,
    account: row.account,
    file: row.fileName,
    hash,
    format: row.format,
    from: row.from,
    until: row.until,
    digest: row.digest ?? '',
    applied: false,
    totals: totalsOf(row),
    overlaps,
    lines: lines.map(lineReport),
  }
}

const totalsOf = ({ lines, counts }: ImportRow) => ({
  lines: counts.lines ?? 0,
  zero: counts.zero ?? 0,
  ...Object.fromEntries(lines.map(({ what, count, amount }) => [what, { count, amount }])),
})

const lineReport = ({ fileLine, bookedOn, amount, currency, label, name, outcome, payers, invoiceNumber, reason }: LineRow) => ({
  line: fileLine,
  day: bookedOn,
  amount,
  currency,
  label,
  ...(name && { name }),
  outcome,
  ...(payers[0] && { member: payers[0].name, memberId: payers[0].memberId }),
  ...(invoiceNumber && { invoice: invoiceNumber }),
  ...(outcome !== 'known' && { why: sayReason(reason) }),
})

async function accountNamed(tx: Tx, given: string | boolean | undefined): Promise<number> {
  const text = typeof given === 'string' ? given : ''
  const { rows } = await tx.execute<{ id: number; name: string }>(sql`
    SELECT id, name FROM bank_account WHERE ${text} = '' OR id::text = ${text} OR coin.fold(name) = coin.fold(${text}) OR (iban <> '' AND iban = upper(replace(${text}, ' ', ''))) ORDER BY id`)
  const [account] = rows
  if (rows.length === 1 && account) return account.id
  throw new CoinError('invalid', rows.length === 0 ? 'There is no such bank account.' : 'Say which account: {{names}}.', {
    values: { names: rows.map(({ name }) => name).join(', ') },
    hint: 'Give its name, IBAN or id with --account; add one with `coin bank-account add`.',
  })
}

const undoCommand: Command = {
  summary: 'take an import back: its payments go, and its lines may be imported again',
  arguments: ['import'],
  async run({ arguments: { import: id = '' } }, tx) {
    if (!/^\d{1,15}$/.test(id)) throw new CoinError('not_found', 'This import is not there any more.')
    await undoImport(tx, Number(id))
    return { import: Number(id), undone: true }
  },
}

const importsCommand: Command = {
  summary: 'the statements that were imported, newest first',
  async run(_, tx) {
    const { rows } = await tx.execute<Record<string, unknown>>(sql`
      SELECT i.id AS import, a.name AS account, i.file_name AS file, i.format, i.from_on AS "from", i.until_on AS "until", i.state, i.applied_by AS "appliedBy", i.applied_at AS "appliedAt"
      FROM bank_import i JOIN bank_account a ON a.id = i.account_id WHERE i.state IN ('applied', 'undone', 'previewed') ORDER BY i.id DESC LIMIT 200`)
    return rows
  },
}

/** `coin payments import`, `coin payments imports`, `coin payments undo-import`. */
export const bankCommands = { import: withDryRun(importCommand), imports: importsCommand, undoImport: undoCommand }

import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { applyImport, rehearseImport } from '../admin/transfer/carry-out.ts'
import { countExported, exportTable } from '../admin/transfer/export-table.ts'
import { formatNamed, formats, writeTable } from '../admin/transfer/formats.ts'
import { dropImportFile, hashOf, keepImportFile, markApplied, markChecked } from '../admin/transfer/import-file.ts'
import { countOf, type ImportOutcome, isUnreadable } from '../admin/transfer/import-outcome.ts'
import { tellProblems } from '../admin/transfer/problem-words.ts'
import { readSheets } from '../admin/transfer/read-file.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { CoinError } from '../errors.ts'
import { usage } from './failure.ts'
import { type Narrowing, narrowedQuery } from './narrowed.ts'
import type { ObjectCommand } from './object-actions.ts'
import { print, table } from './output.ts'
import { openGauge } from './progress.ts'

interface ExportOptions extends Narrowing {
  readonly format?: string
  readonly output: string
  readonly mark?: boolean
}

/** Writes the rows of a list to a file, or to standard output. */
export async function exportRows(command: ObjectCommand, options: ExportOptions): Promise<void> {
  const { coin, resource, context } = command
  const format = formatOf(options)
  const query = await narrowedQuery(command, options)
  const count = await countExported(coin, resource, query)
  const pieces = writeTable(format, await exportTable(coin, resource, query), { mark: options.mark !== false })
  if (options.output === '-') {
    for await (const piece of pieces) if (!process.stdout.write(piece)) await new Promise(resolve => process.stdout.once('drain', resolve))
    return
  }
  await pipeline(Readable.from(pieces), createWriteStream(options.output))
  print(context, { file: options.output, rows: count }, () => `${count} rows are in ${options.output}.`)
}

function formatOf({ format, output }: ExportOptions) {
  const found = formatNamed(format ?? (path.extname(output).slice(1).toLowerCase() || 'csv'))
  if (!found) throw usage(`A file cannot be ${format ?? path.extname(output)}.`, `Use --format with one of ${formats.join(', ')}.`)
  return found
}

interface ImportOptions {
  readonly yes?: boolean
  readonly goodRows?: boolean
}

/** Says what a file would do; with `--yes`, does it. Mistakes end the command with 1. */
export async function importRows(
  { coin, context }: Pick<ObjectCommand, 'coin' | 'context'>,
  kind: string,
  file: string,
  { yes = false, goodRows = false }: ImportOptions,
): Promise<void> {
  context.labels = { file: file === '-' ? 'standard input' : file }
  const content = await contentOf(file)
  const gauge = openGauge(context)
  const request = {
    sheets: await readSheets(content),
    kind,
    hash: hashOf(content),
    progress: async (done: number, total: number) => gauge.update(done, total, ''),
  }
  gauge.begin(t('Rows looked at'), 1)
  const outcome = await rehearseImport(coin, request).finally(() => gauge.end())
  const [good, wrong] = [countOf(outcome, 'new', 'changed'), countOf(outcome, 'wrong')]
  const importable = !isUnreadable(outcome) && (wrong === 0 || goodRows)
  if (wrong > 0 || isUnreadable(outcome)) context.exitCode = 1
  const applied = yes && importable && good > 0
  if (applied) await apply({ coin, context }, { kind, file, content, request, outcome, goodRows })
  if (applied && goodRows) context.exitCode = 0
  print(context, { ...outcome, applied }, () => words(outcome, applied, importable && good > 0))
}

/** Reads a file, or what comes in. */
async function contentOf(file: string): Promise<Buffer> {
  if (file === '-') return buffer(process.stdin)
  try {
    return await readFile(file)
  } catch {
    throw new CoinError('not_found', 'The file {{file}} cannot be read.', { values: { file } })
  }
}

interface Applying {
  readonly kind: string
  readonly file: string
  readonly content: Buffer
  readonly request: Parameters<typeof rehearseImport>[1]
  readonly outcome: ImportOutcome
  readonly goodRows: boolean
}

async function apply(
  { coin, context }: Pick<ObjectCommand, 'coin' | 'context'>,
  { kind, file, content, request, outcome, goodRows }: Applying,
) {
  const { actor } = currentScope()
  const id = await coin.transaction(actor, async tx => {
    const kept = await keepImportFile(tx, { kind, name: path.basename(file), content })
    await markChecked(tx, kept, outcome)
    return kept
  })
  const gauge = openGauge(context)
  gauge.begin(t('Rows imported'), 1)
  const progress = async (done: number, total: number) => gauge.update(done, total, '')
  const { kept } = await applyImport(
    coin,
    { ...request, progress },
    { digest: outcome.digest, goodRows, finish: (tx, found) => markApplied(tx, id, found) },
  ).finally(() => gauge.end())
  if (kept) return
  await dropImportFile(coin.database.db, id)
  throw new CoinError('conflict', 'Something changed since this was shown, so that nothing was done.', { hint: 'Run the command again.' })
}

function words(outcome: ImportOutcome, applied: boolean, possible: boolean): string {
  const { registry } = currentScope()
  const told = tellProblems(registry, outcome.problems)
  const left = outcome.counts.flatMap(({ unknown }) => unknown.map(({ heading, nearest }) => `  ${heading}${nearest && ` (${nearest}?)`}`))
  const unwritten = possible
    ? `Nothing was imported yet. Add --yes to import ${countOf(outcome, 'new', 'changed')} rows.`
    : 'Nothing was imported.'
  return [
    ...(told.length > 0
      ? [
          table(
            ['What', 'Line', 'Field', 'What stands there', 'What to do'],
            told.map(each => [each.kind, each.line === 0 ? '' : String(each.line), each.field, each.text.slice(0, 40), each.message]),
          ),
          '',
        ]
      : []),
    ...(left.length > 0 ? ['Columns that are none of ours, and were left out:', ...left, ''] : []),
    table(
      ['', 'New', 'Changed', 'The same', 'Wrong'],
      outcome.counts.map(each => [each.kind, String(each.new), String(each.changed), String(each.same), String(each.wrong)]),
    ),
    '',
    applied ? `${countOf(outcome, 'new', 'changed')} rows are imported.` : unwritten,
  ].join('\n')
}

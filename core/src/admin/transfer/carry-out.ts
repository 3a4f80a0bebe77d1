import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Registry } from '../../app/registry.ts'
import { keysOf, type Variant } from '../../app/resource.ts'
import { currentScope, withinScope } from '../../app/scope.ts'
import type { Coin } from '../../coin.ts'
import type { Tx } from '../../db/database.ts'
import type { SettledField } from '../fields.ts'
import { tellInput } from '../tell-input.ts'
import type { DraftRow } from './draft-row.ts'
import { countOf, type ImportOutcome, isUnreadable, type KindCounts, type RowProblem, type SampleRow } from './import-outcome.ts'
import { importableBy, kindCalled } from './kinds.ts'
import { matchColumns } from './match-columns.ts'
import { matchRows } from './match-rows.ts'
import type { Sheet } from './sheet.ts'
import { draftRows, resolveReferences } from './understand-cells.ts'
import { readableFields, understandRow } from './understand-rows.ts'
import { writeRows } from './write-rows.ts'

/** What is imported. */
export interface ImportRequest {
  readonly sheets: readonly Sheet[]
  /** Of which kind all of it is; of several, as the file says, when empty. */
  readonly kind: string
  /** Of the file. */
  readonly hash: string
  /** How many rows have been tried, and how many there are. */
  progress?(done: number, total: number): Promise<void>
}

/** Ends the transaction of an import that is not kept. */
class NotKept extends Error {
  readonly outcome: ImportOutcome
  constructor(outcome: ImportOutcome) {
    super('An import that is not kept')
    this.outcome = outcome
  }
}

/** What an import would do: it is done, with all that a commit does, and taken back. */
export const rehearseImport = (coin: Coin, request: ImportRequest): Promise<ImportOutcome> =>
  run(
    coin,
    request,
    () => false,
    async () => {},
  )

/**
 * Imports what was shown: the rows that are right, when that is all of them or `goodRows` says so. When it would be something else by now,
 * nothing is done. `finish` runs in the same transaction.
 */
export async function applyImport(
  coin: Coin,
  request: ImportRequest,
  {
    digest,
    goodRows,
    finish,
  }: { readonly digest: string; readonly goodRows: boolean; finish(tx: Tx, outcome: ImportOutcome): Promise<void> },
): Promise<{ readonly kept: boolean; readonly outcome: ImportOutcome }> {
  let kept = false
  const isShown = (outcome: ImportOutcome) =>
    outcome.digest === digest && !isUnreadable(outcome) && (goodRows || countOf(outcome, 'wrong') === 0)
  const outcome = await run(coin, request, isShown, async (tx, found) => {
    await finish(tx, found)
    kept = true
  })
  return { kept, outcome }
}

async function run(
  coin: Coin,
  request: ImportRequest,
  keep: (outcome: ImportOutcome) => boolean,
  finish: (tx: Tx, outcome: ImportOutcome) => Promise<void>,
): Promise<ImportOutcome> {
  try {
    return await coin.transaction(currentScope().actor, async tx => {
      const outcome = await withinScope({ db: tx }, () => carryOut(coin, tx, request))
      if (!keep(outcome)) throw new NotKept(outcome)
      await finish(tx, outcome)
      return outcome
    })
  } catch (error) {
    if (error instanceof NotKept) return error.outcome
    throw error
  }
}

async function carryOut(coin: Coin, tx: Tx, { sheets, kind, hash, progress }: ImportRequest): Promise<ImportOutcome> {
  const { registry } = coin
  const { tables, leftOut, problems } = tablesOf(registry, sheets, kind)
  const applied = await wasApplied(tx, hash)
  const total = tables.reduce((sum, { sheet }) => sum + sheet.rows.length, 0)
  const [counts, sample, wrong, hashed]: [KindCounts[], SampleRow[], Map<string, Map<string, number>>, ReturnType<typeof createHash>] = [
    [],
    [],
    new Map(),
    createHash('sha256').update(hash),
  ]
  const made: Situation['made'] = new Map()
  let done = 0
  for (const table of inOrder(tables)) {
    const found = await withinScope({ app: table.kind.app }, () =>
      carryOutTable(coin, tx, table, { applied, wrong, made, room: mostShown - sample.length }, async count => {
        done += count
        await progress?.(done, total)
      }),
    )
    problems.push(...found.problems)
    counts.push(found.counts)
    sample.push(...found.sample)
    hashed.update(JSON.stringify(found.rows))
  }
  hashed.update(JSON.stringify(problems))
  return { digest: hashed.digest('hex'), counts, problems, leftOut, sample }
}

/** Rows of which it is shown what would become of them. */
const mostShown = 20

interface Table {
  readonly kind: Variant
  readonly sheet: Sheet
}

/** Which tables of a file are of which kind. */
function tablesOf(registry: Registry, sheets: readonly Sheet[], kind: string) {
  const mine = new Map(importableBy(registry, currentScope().actor).map(each => [each.name, each]))
  const [tables, leftOut, problems]: [Table[], string[], RowProblem[]] = [[], [], []]
  const wanted = mine.get(kind)
  const only = wanted && (sheets.find(({ name }) => kindCalled(registry, name)?.name === kind) ?? sheets[0])
  for (const sheet of sheets) {
    const found = wanted ? (sheet === only ? wanted : undefined) : mine.get(kindCalled(registry, sheet.name)?.name ?? '')
    if (found) tables.push({ kind: found, sheet })
    else leftOut.push(sheet.name)
  }
  if (tables.length === 0)
    problems.push({
      kind,
      line: 0,
      field: '',
      message: 'The file does not say what its rows are, or you may not import them.',
      hint: 'Choose what they are, or name the tables of the file: member, subscription.',
    })
  return { tables, leftOut, problems }
}

/** A kind after those that it refers to. */
function inOrder(tables: readonly Table[]): Table[] {
  const ordered: Table[] = []
  const visit = (table: Table, path: readonly Table[]) => {
    if (ordered.includes(table) || path.includes(table)) return
    const { add, change, fields } = table.kind.resource
    const referred = new Set([...add, ...change].map(name => fields[name]?.reference))
    for (const other of tables) if (referred.has(other.kind.name) || referred.has(other.kind.resource.name)) visit(other, [...path, table])
    ordered.push(table)
  }
  for (const table of tables) visit(table, [])
  return ordered
}

interface Situation {
  readonly applied: boolean
  /** Lines of rows that could not be written, by kind and by what names them. */
  readonly wrong: Map<string, Map<string, number>>
  /** The ids of the rows that it made, by kind: another run gives others. */
  readonly made: Map<string, ReadonlySet<unknown>>
  /** Rows that can still be shown. */
  readonly room: number
}

async function carryOutTable(
  coin: Coin,
  tx: Tx,
  { kind, sheet }: Table,
  { applied, wrong, made, room }: Situation,
  progress: (count: number) => Promise<void>,
) {
  const { registry } = coin
  const { columns, unknown, errors } = matchColumns(registry, kind, sheet.headings)
  if (errors.length > 0) {
    const problems = errors.map((error): RowProblem => ({ kind: kind.name, line: 0, ...error }))
    return { problems, counts: { kind: kind.name, unknown, new: 0, changed: 0, same: 0, wrong: sheet.rows.length }, sample: [], rows: [] }
  }
  const rows = draftRows(kind, sheet, columns)
  const fields = await readableFields(kind, tx)
  await resolveReferences(registry, tx, kind, fields, rows, wrong)
  await matchRows(tx, kind, rows)
  for (const row of rows) await understandRow(registry, tx, kind, fields, row, applied)
  const before = rows.filter(({ verdict }) => verdict === 'same' || verdict === 'wrong').length
  if (before > 0) await progress(before)
  await writeRows(
    coin,
    tx,
    currentScope().actor,
    kind,
    rows.filter(({ verdict }) => verdict === 'new' || verdict === 'changed'),
    progress,
  )
  wrong.set(kind.name, namesOfWrong(kind, rows))
  made.set(kind.resource.name, new Set(rows.flatMap(({ madeId }) => madeId ?? [])))
  const sample: SampleRow[] = []
  for (const row of rows.filter(({ verdict }) => verdict === 'new' || verdict === 'changed').slice(0, Math.max(0, room)))
    sample.push({
      kind: kind.name,
      line: row.line,
      verdict: row.verdict === 'new' ? 'new' : 'changed',
      name: row.name,
      changes: row.stored ? await tellInput(registry, tx, fields, row.values, row.stored) : [],
    })
  return {
    problems: rows.flatMap(({ problems }) => problems),
    counts: { kind: kind.name, unknown, ...countVerdicts(rows) },
    sample,
    rows: rows.map(({ line, verdict, stored, values, later }) => [
      line,
      verdict,
      stored?.id,
      stored?.version,
      lasting(fields, values, made),
      later,
    ]),
  }
}

/** What a row is given, without the ids that another run would give. */
const lasting = (fields: readonly SettledField[], values: Readonly<Record<string, unknown>>, made: Situation['made']) =>
  Object.entries(values).map(([name, value]) => {
    const reference = fields.find(field => field.name === name)?.reference
    return [name, reference && made.get(reference)?.has(value) ? 'made' : value]
  })

const namesOfWrong = ({ resource }: Variant, rows: readonly DraftRow[]) =>
  new Map(
    rows.flatMap(({ verdict, raw, line }) => {
      const name = raw[keysOf(resource)[0]?.[0] ?? '']
      return verdict === 'wrong' && name ? [[name, line] as const] : []
    }),
  )

function countVerdicts(rows: readonly DraftRow[]) {
  const counts = { new: 0, changed: 0, same: 0, wrong: 0 }
  for (const { verdict } of rows) counts[verdict]++
  return counts
}

/** Whether this very file was imported before. */
async function wasApplied(tx: Tx, hash: string): Promise<boolean> {
  const { rows } = await tx.execute(sql`SELECT FROM import_file WHERE hash = ${hash} AND state = 'applied' LIMIT 1`)
  return rows.length > 0
}

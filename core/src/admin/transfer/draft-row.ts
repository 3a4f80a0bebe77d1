import type { Row, Variant } from '../../app/resource.ts'
import { type FieldError, isCoinError } from '../../errors.ts'
import type { RowProblem, Verdict } from './import-outcome.ts'

/** A row of a file on its way into a table. */
export interface DraftRow {
  readonly line: number
  /** What names it to whoever reads the file. */
  name: string
  /** What was typed, by field; a field without a cell is not there. */
  readonly raw: Record<string, string>
  verdict: Verdict
  /** The row that it became. */
  madeId?: number
  /** The row that it changes. */
  stored?: Row
  /** What is written, understood. */
  values: Readonly<Record<string, unknown>>
  /** Of a new row: what its form for changes has and the one for adding has not. */
  later?: Readonly<Record<string, unknown>>
  readonly problems: RowProblem[]
}

/** Marks a row as wrong. */
export function refuse(row: DraftRow, problem: RowProblem): void {
  row.verdict = 'wrong'
  row.problems.push(problem)
}

/** Marks a row as refused by the database or an app, in their words. Throws what is no refusal. */
export function refuseBy(row: DraftRow, kind: Variant, error: unknown): void {
  if (!isCoinError(error) || error.code === 'unavailable') throw error
  const fields = error.fields.length > 0 ? error.fields : [{ field: '', message: error.message, values: error.values }]
  for (const each of fields) refuse(row, problemOf(kind, row, each, error.hint))
}

/** What is wrong with a field of a row, with what stood there unless that is secret. */
export function problemOf(
  { name, resource }: Variant,
  { line, raw }: DraftRow,
  { field, message, values }: FieldError,
  hint?: string,
): RowProblem {
  const text = resource.fields[field]?.secret ? undefined : raw[field]
  return {
    kind: name,
    line,
    field,
    message,
    ...(values && { values }),
    ...(hint && { hint }),
    ...(text && { text: text.slice(0, 200) }),
  }
}

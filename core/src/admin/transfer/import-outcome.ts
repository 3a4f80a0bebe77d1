import type { Values } from '../../errors.ts'
import type { ToldEntry } from '../history.ts'

/** What is wrong with a row, or with a whole table (line 0): in English, to be said in the words of the kind's app. */
export interface RowProblem {
  readonly kind: string
  readonly line: number
  /** The field's name; empty for the row. */
  readonly field: string
  readonly message: string
  readonly values?: Values
  readonly hint?: string
  /** What stood there. */
  readonly text?: string
}

/** What an import does with a row. */
export type Verdict = 'new' | 'changed' | 'same' | 'wrong'

/** One of the first rows that would be written. */
export interface SampleRow {
  readonly kind: string
  readonly line: number
  readonly verdict: 'new' | 'changed'
  readonly name: string
  readonly changes: ToldEntry['changes']
}

/** A table of the file, in figures. */
export interface KindCounts extends Readonly<Record<Verdict, number>> {
  readonly kind: string
  /** Headings that were left out. */
  readonly unknown: readonly { readonly heading: string; readonly nearest: string }[]
}

/** What an import would do, or has done. */
export interface ImportOutcome {
  /** Of everything that it does: the same for the same file and the same state. */
  readonly digest: string
  readonly counts: readonly KindCounts[]
  /** In the order of the file: first what is wrong with whole tables. */
  readonly problems: readonly RowProblem[]
  /** Tables of the file that are none of ours. */
  readonly leftOut: readonly string[]
  readonly sample: readonly SampleRow[]
}

/** How many rows of an outcome have this verdict. */
export const countOf = ({ counts }: Pick<ImportOutcome, 'counts'>, ...verdicts: readonly Verdict[]): number =>
  counts.reduce((sum, each) => sum + verdicts.reduce((part, verdict) => part + each[verdict], 0), 0)

/** True when something is wrong with a whole table, so that none of its rows were looked at. */
export const isUnreadable = ({ problems }: Pick<ImportOutcome, 'problems'>): boolean => problems.some(({ line }) => line === 0)

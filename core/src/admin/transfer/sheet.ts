/** A row of a file: where it stands, and a text for each heading; undefined where nothing is said, which is not the same as empty. */
export interface FileRow {
  readonly line: number
  readonly cells: readonly (string | undefined)[]
}

/** A table of a file. */
export interface Sheet {
  /** Of which kind, in the words of the file; empty when it does not say. */
  readonly name: string
  readonly headings: readonly string[]
  readonly rows: readonly FileRow[]
}

/** Rows without anything in them say nothing. */
export const isBlank = (cells: readonly (string | undefined)[]): boolean => cells.every(cell => cell === undefined || cell.trim() === '')

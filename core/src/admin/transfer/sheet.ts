import { type CoinError, invalid } from '../../errors.ts'

/** More is not read. */
const [mostRows, mostColumns] = [200_000, 1000]

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

/** Throws when a table has more rows or columns than are read: early, because the rest of it would fill the memory. */
export function checkSize(rows: number, columns: number): void {
  if (rows > mostRows) throw tooLarge('The file has more than {{most}} rows: split it.', mostRows)
  if (columns > mostColumns) throw tooLarge('The file has more than {{most}} columns: leave some out.', mostColumns)
}

const tooLarge = (message: string, most: number): CoinError => invalid('file', message, { most })

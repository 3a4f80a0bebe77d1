import { visible } from '../db/storable.ts'
import type { CliContext } from './context.ts'

/** Prints a result: as JSON when asked, else in words. */
export function print({ json }: Pick<CliContext, 'json'>, value: unknown, words: () => string): void {
  // what a directory or a member wrote does nothing to the terminal
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : visible(words())}\n`)
}

/** Lines of cells under their headings, in columns. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map(row => (row[column] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(headings), ...rows.map(line)].join('\n')
}

/** Labels and values, one below another. */
export function facts(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...entries.map(([label]) => label.length))
  return entries
    .map(([label, value]) => `${`${label}:`.padEnd(width + 2)}${value.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`)
    .join('\n')
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** What a piece of a page says, without its markup. */
export const plainText = (html: string): string =>
  html
    .replace(/<br\s*\/?>/g, ', ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '')
    .replace(/\s+/g, ' ')
    .replace(/ ,/g, ',')
    .trim()

/** A value as a terminal shows it. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

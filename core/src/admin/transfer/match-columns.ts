import type { Registry } from '../../app/registry.ts'
import { keysOf, type Variant } from '../../app/resource.ts'
import type { FieldError } from '../../errors.ts'
import { plainHeader } from '../../system/text.ts'
import { columnsOf, type TransferColumn } from './columns.ts'

/** The columns of a file, as the kind has them; what is not one is left out, and said. */
export interface Matched {
  /** For each heading of the file; undefined for one that is left out. */
  readonly columns: readonly (TransferColumn | undefined)[]
  /** Headings that mean nothing here, with the nearest that does; empty when none is near. */
  readonly unknown: readonly { readonly heading: string; readonly nearest: string }[]
  readonly errors: readonly FieldError[]
}

/** Finds the columns by the names of fields, and by their labels in every language. */
export function matchColumns(registry: Registry, { app, resource }: Variant, headings: readonly string[]): Matched {
  const all = columnsOf(registry, resource, { secrets: true })
  const translators = registry.translations.languages.map(language => registry.translations.translator(language, app))
  const words = new Map<string, TransferColumn>()
  // names of fields come before labels, which may be the same for two
  for (const column of all) words.set(wordOf(column.header), column)
  for (const column of all)
    for (const translate of translators) {
      const label = wordOf(column.field ? translate(column.field.label) : column.label)
      if (!words.has(label) && (column.by !== 'id' || !all.some(each => each.field?.name === column.field?.name && each.by === 'name')))
        words.set(label, column)
    }
  const columns = headings.map(heading => words.get(wordOf(heading)))
  // what an export writes besides the fields is known, and says nothing to an import
  const shown = new Set(resource.list.columns.flatMap(({ key, label }) => [wordOf(key), wordOf(label)]))
  const unknown = headings
    .filter((heading, index) => columns[index] === undefined && heading.trim() !== '' && !shown.has(wordOf(heading)))
    .map(heading => ({ heading, nearest: nearestTo(heading, [...words.keys()], words) }))
  return { columns, unknown, errors: problemsOf(all, columns, keysOf(resource)[0]) }
}

/** `firstName`, `first_name` and `First name` are one. */
const wordOf = (text: string) => plainHeader(text).replace(/[\s_-]+/g, '')

function problemsOf(
  all: readonly TransferColumn[],
  columns: readonly (TransferColumn | undefined)[],
  key: readonly string[] = [],
): FieldError[] {
  const there = new Set(columns.flatMap(column => column?.header ?? []))
  const twice = [...there].filter(header => columns.filter(column => column?.header === header).length > 1)
  // rows that are there already are found by either
  const named = there.has('id') || (key.length > 0 && key.every(name => columns.some(column => column?.field?.name === name)))
  const missing = named
    ? []
    : [...new Set(all.flatMap(({ field }) => (field?.required ? [field] : [])))].filter(
        field => !all.some(column => column.field === field && there.has(column.header)),
      )
  return [
    ...twice.map(header => ({ field: header, message: 'Two columns are called {{column}}: remove one.', values: { column: header } })),
    ...missing.map(({ name, label }) => ({
      field: name,
      message: 'The column {{column}} is missing: add it, or say by id or name which rows are meant.',
      values: { column: name, label },
    })),
  ]
}

function nearestTo(heading: string, known: readonly string[], words: ReadonlyMap<string, TransferColumn>): string {
  const word = wordOf(heading)
  const near = known
    .map(each => ({ each, distance: distanceOf(word, each) }))
    .filter(({ each, distance }) => distance <= Math.max(2, Math.floor(Math.min(word.length, each.length) / 3)))
    .sort((a, b) => a.distance - b.distance)[0]
  return near ? (words.get(near.each)?.header ?? '') : ''
}

/** How many letters two words differ by. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a.slice(0, 60)].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (b[j - 1] === letter ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}

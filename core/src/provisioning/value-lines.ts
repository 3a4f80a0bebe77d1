import type { Json } from '../app/backend.ts'
import { visible } from '../db/storable.ts'
import type { DiffLine } from '../ui/diff.tsx'

/** A whole value as lines of a `Diff`. */
export const valueLines = (kind: DiffLine['kind'], value: Json): DiffLine[] => side(kind, '', value)

/** A value in one line, for lists. */
export const valueText = (value: Json | undefined): string =>
  value === undefined ? '' : visible(typeof value === 'string' ? value : JSON.stringify(value))

function side(kind: DiffLine['kind'], path: string, value: Json | undefined): DiffLine[] {
  if (value === undefined) return []
  if (path === '' && typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) => side(kind, key, inner as Json))
  const label = path === '' ? '' : visible(`${path}: `)
  if (Array.isArray(value) && value.length > 0) return value.map(item => ({ kind, text: label + valueText(item as Json) }))
  return valueText(value)
    .split('\n')
    .map((line, n) => ({ kind, text: (n === 0 ? label : ' '.repeat(label.length)) + line }))
}

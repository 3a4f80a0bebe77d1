import type { Row } from '../../app/resource.ts'
import type { SettledField } from '../fields.ts'

/** A value as a file holds it. */
export type Cell = string | number | boolean | null

/** A stored value as an export writes it: plain decimals, ISO dates, nothing for nothing. An import understands it again. */
export function cellOf(field: SettledField, row: Row): Cell {
  const value = row[field.name]
  if (field.toFile) return field.toFile(value, row)
  return plainCell(value, field)
}

/** A value of a column of a list, or of a field without a way of its own. */
export function plainCell(value: unknown, field?: Pick<SettledField, 'kind'>): Cell {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return field?.kind === 'date' ? value.toISOString().slice(0, 10) : value.toISOString()
  if (field?.kind === 'datetime') return momentOf(String(value))
  if (typeof value === 'boolean' || typeof value === 'number') return value
  if (Array.isArray(value) && value.every(each => typeof each !== 'object')) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** PostgreSQL's moments are not those of ISO 8601: a space, and zones of hours. */
function momentOf(text: string): string {
  const moment = new Date(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00'))
  return Number.isNaN(moment.getTime()) ? text : moment.toISOString()
}

/** True when two values are the same to whoever reads them: what is typed against what is stored. */
export const isSame = (field: SettledField, before: unknown, after: unknown): boolean =>
  comparable(field, before) === comparable(field, after)

function comparable(field: SettledField, value: unknown): string {
  const cell = plainCell(value, field)
  if (cell === null) return ''
  const text = String(cell)
  if (field.kind === 'money' || field.kind === 'decimal')
    return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '').replace(/^-0$/, '0') : text
  if (field.kind === 'datetime') return momentOf(text)
  return text.replace(/\r\n?/g, '\n').trim()
}

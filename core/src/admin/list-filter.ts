import { type SQL, sql } from 'drizzle-orm'
import type { Choice, Filter, RangeFilter } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { parseDate, parseMoney } from '../ui/index.ts'
import { idIn } from './find.ts'
import { cleanSearch, literal } from './list-search.ts'

type Filters = Readonly<Record<string, Filter>>
type Choices = Readonly<Record<string, readonly Choice[]>>

/** A value in the address, and the filter that it is of. A range has two: from and to. */
export interface FilterPart {
  readonly parameter: string
  readonly name: string
  readonly filter: Filter
  readonly end?: 'from' | 'to'
}

/** The parameters of filters in an address. */
export const partsOf = (filters: Filters): FilterPart[] =>
  Object.entries(filters).flatMap(([name, filter]): FilterPart[] =>
    isRange(filter)
      ? (['from', 'to'] as const).map(end => ({ parameter: `${name}_${end}`, name, filter, end }))
      : [{ parameter: name, name, filter }],
  )

export const isRange = (filter: Filter): filter is RangeFilter => ['date', 'number', 'money'].includes(filter.kind ?? 'choice')

/** The choices of each filter that has some: one statement for each that has to ask. */
export async function loadChoices(filters: Filters, tx: Tx): Promise<Choices> {
  const loaded: Record<string, readonly Choice[]> = {}
  for (const [name, filter] of Object.entries(filters))
    if ('choices' in filter) loaded[name] = typeof filter.choices === 'function' ? await filter.choices(tx) : filter.choices
  return loaded
}

/** What was understood of the filters asked for, by parameter, as it is written in the address. */
export function understood(
  filters: Filters,
  choices: Choices,
  asked: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const values = partsOf(filters).map(part => [part.parameter, readValue(part, choices, asked[part.parameter] ?? '')] as const)
  return Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** What rows must meet. */
export const conditionsOf = (filters: Filters, values: Readonly<Record<string, string>>): SQL[] =>
  partsOf(filters).flatMap(part => {
    const value = values[part.parameter]
    return value === undefined ? [] : [condition(part, value)]
  })

function readValue({ name, filter }: FilterPart, choices: Choices, text: string): string | undefined {
  if (text.trim() === '') return undefined
  switch (filter.kind) {
    case 'date': {
      const date = parseDate(text)
      return date.ok ? date.value : undefined
    }
    case 'money':
    case 'number': {
      const number = parseMoney(text)
      return number.ok ? number.value.replace(/\.00$/, '') : undefined
    }
    case 'text':
      return cleanSearch(text) || undefined
    case 'boolean':
      return text === 'yes' || text === 'no' ? text : undefined
    case 'reference': {
      const id = idIn(text.trim())
      return id === undefined ? undefined : String(id)
    }
    default:
      return choices[name]?.some(choice => choice.value === text) ? text : undefined
  }
}

function condition({ filter, end }: FilterPart, value: string): SQL {
  switch (filter.kind) {
    case 'date':
      return bound(filter, end, sql`${value}::date`)
    case 'money':
    case 'number':
      return bound(filter, end, sql`${value}::numeric`)
    case 'text':
      return filter.where(literal(value))
    case 'boolean':
      return value === 'yes' ? filter.where : sql`(${filter.where}) IS NOT TRUE`
    case 'reference':
      return filter.where(Number(value))
    default:
      return filter.where(value)
  }
}

const bound = (filter: RangeFilter, end: FilterPart['end'], value: SQL) =>
  end === 'from' ? sql`${filter.sql} >= ${value}` : sql`${filter.sql} <= ${value}`

import { t } from '../../app/i18n.ts'
import { keysOf, type Variant } from '../../app/resource.ts'
import type { FieldError } from '../../errors.ts'
import { inSentence } from '../find.ts'
import { type DraftRow, problemOf, refuse } from './draft-row.ts'
import type { RowProblem } from './import-outcome.ts'

/** A draft with what its cells mean, and the place of the key by which it is looked for. */
export interface ReadRow {
  readonly draft: DraftRow
  readonly values: Readonly<Record<string, unknown>>
  readonly by: number
}

/** What is wrong with a row that an earlier line has already. */
export const sameAs = (field: string, line: number): FieldError => ({
  field,
  message: 'This is the same row as on line {{line}}: leave one of them out.',
  values: { line },
})

/** What lines of a file have said by one key of a kind. */
export class KeyWords {
  readonly #kind: Variant
  readonly #index: number
  readonly #key: readonly string[]
  readonly #earlier = new Map<string, ReadRow>()

  constructor(kind: Variant, index: number) {
    this.#kind = kind
    this.#index = index
    this.#key = keysOf(kind.resource)[index] ?? []
  }

  /** Marks a row that has the same as an earlier one, unless both are told apart by a key before. */
  refuseTwice(row: ReadRow): void {
    const text = JSON.stringify(this.#key.map(name => this.#comparable(row.values[name])))
    const earlier = this.#earlier.get(text)
    if (!earlier) this.#earlier.set(text, row)
    else if (row.by === this.#index || earlier.by === this.#index) refuse(row.draft, this.#twice(row, earlier))
  }

  /** What is wrong with a row that fits several that are here. */
  several({ draft }: ReadRow): RowProblem {
    return problemOf(
      this.#kind,
      draft,
      {
        field: this.#key[0] ?? '',
        message: 'Several rows that are here have this: {{fields}}.',
        values: { fields: this.#labels(this.#key), names: this.#labels(this.#telling()) },
      },
      this.#telling().length > 0 ? 'Give the id of the one that is meant, or: {{names}}.' : 'Give the id of the one that is meant.',
    )
  }

  #twice({ draft }: ReadRow, { draft: { line } }: ReadRow): RowProblem {
    const [field = ''] = this.#key
    const telling = this.#telling()
    if (telling.length === 0) return problemOf(this.#kind, draft, sameAs(field, line))
    const values = { line, fields: this.#labels(this.#key), names: this.#labels(telling) }
    const message = 'This looks like the same row as on line {{line}}, which has this too: {{fields}}.'
    return problemOf(this.#kind, draft, { field, message, values }, 'Leave one of them out, or tell them apart by: {{names}}.')
  }

  /** The fields of the keys before, by which rows may be told apart. */
  #telling(): string[] {
    const before = keysOf(this.#kind.resource).slice(0, this.#index).flat()
    return [...new Set(before)].filter(name => !this.#key.includes(name))
  }

  #labels(names: readonly string[]): string {
    const { fields } = this.#kind.resource
    return names.map(name => inSentence(t(fields[name]?.label ?? name))).join(', ')
  }

  #comparable(value: unknown): string {
    return this.#index > 0 ? String(value).toLowerCase() : String(value)
  }
}

import { t } from '../../app/i18n.ts'
import type { Registry } from '../../app/registry.ts'
import type { Variant } from '../../app/resource.ts'
import type { Tx } from '../../db/database.ts'
import type { SettledField } from '../fields.ts'
import { inSentence } from '../find.ts'
import type { TransferColumn } from './columns.ts'
import { type DraftRow, refuse, refuseBy } from './draft-row.ts'
import { idsOf } from './names.ts'
import type { Sheet } from './sheet.ts'

/** Rows as drafts: what was typed by field, the id under `id`. */
export function draftRows(kind: Variant, { rows }: Sheet, columns: readonly (TransferColumn | undefined)[]): DraftRow[] {
  return rows.map(({ line, cells }) => {
    const draft: DraftRow = { line, name: nameIn(cells), raw: {}, verdict: 'new', values: {}, problems: [] }
    for (const [index, column] of columns.entries()) {
      const cell = cells[index]
      if (!column || cell === undefined) continue
      const name = column.field?.name ?? 'id'
      const text = column.field?.kind === 'textarea' ? cell : cell.trim()
      // of the two columns of a reference the one that names it counts, if it says something
      if (draft.raw[name] && (text === '' || column.by === 'id')) continue
      draft.raw[name] = translated(kind, draft, column, text)
    }
    return draft
  })
}

/** The first words of a row: by them one finds it again. */
const nameIn = (cells: readonly (string | undefined)[]) =>
  cells
    .flatMap(cell => cell?.trim().slice(0, 60) || [])
    .slice(0, 3)
    .join(' · ')

function translated(kind: Variant, draft: DraftRow, { field }: TransferColumn, text: string): string {
  if (!field?.fromFile || text === '') return text
  try {
    return field.fromFile(text)
  } catch (error) {
    refuseBy(draft, kind, error)
    return ''
  }
}

/**
 * Puts ids where rows are referred to: one statement for each kind and way of naming, however many rows. `wrong` has the lines of rows of the same
 * file that could not be written, by kind and name.
 */
export async function resolveReferences(
  registry: Registry,
  tx: Tx,
  kind: Variant,
  fields: readonly SettledField[],
  rows: readonly DraftRow[],
  wrong: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Promise<void> {
  for (const { name, reference, label: fieldLabel, many } of fields) {
    if (!reference || many) continue
    const texts = rows.flatMap(({ raw }) => raw[name] || [])
    const ids = await idsOf(registry, tx, reference, texts)
    const resource = registry.resources.get(reference)?.resource
    const label = inSentence(t(resource?.label ?? reference))
    for (const row of rows) {
      const text = row.raw[name]
      if (!text) continue
      const id = ids.get(text)
      if (id !== undefined) row.raw[name] = String(id)
      else {
        const line = wrong.get(reference)?.get(text)
        const problem = { kind: kind.name, line: row.line, field: name, text }
        if (line === undefined)
          refuse(row, {
            ...problem,
            message: 'There is no {{kind}} “{{text}}”.',
            values: { kind: label, text: text.slice(0, 80), label: t(fieldLabel) },
            hint: 'Add it first, or write it as it is written there.',
          })
        else
          refuse(row, {
            ...problem,
            message: 'The {{kind}} “{{text}}” is wrong itself, on line {{line}}.',
            values: { kind: label, text: text.slice(0, 80), line },
            hint: 'Mend that line, and this one is right.',
          })
      }
    }
  }
}

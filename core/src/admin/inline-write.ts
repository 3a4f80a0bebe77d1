import { t } from '../app/i18n.ts'
import { type Actor, currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { explain } from '../db/errors.ts'
import { CoinError, isCoinError } from '../errors.ts'
import type { ParsedLine } from './inlines.ts'
import { addRow, changeRow, removeRow } from './write.ts'

/**
 * Writes the lines of a form, in the transaction of the row that they belong to. What one of them is refused for is said with the name of its
 * input; the detail of a conflict has the line's `prefix`.
 */
export async function writeLines(tx: Tx, actor: Actor, parent: number, lines: readonly ParsedLine[]): Promise<void> {
  // those that go first make room for others: a name is given again
  const inOrder = [...lines].sort((a, b) => Number(b.removed) - Number(a.removed))
  for (const line of inOrder) {
    try {
      await writeLine(tx, actor, parent, line)
    } catch (thrown) {
      const error = explain(thrown, currentScope().registry.constraints)
      throw isCoinError(error) ? inLine(error, line) : error
    }
  }
}

async function writeLine(tx: Tx, actor: Actor, parent: number, { child, field, row, version, removed, parsed }: ParsedLine): Promise<void> {
  const writer = { transaction: <R>(_: Actor, work: (inner: Tx) => Promise<R>) => work(tx) }
  if (!row) await addRow(writer, actor, child, { ...parsed, [field]: parent })
  else if (removed) await removeRow(writer, actor, child, row.id, version)
  else await changeRow(writer, actor, child, row.id, version, parsed)
}

function inLine(error: CoinError, { prefix, fields, child }: ParsedLine): CoinError {
  const known = new Set(fields.map(({ name }) => name))
  return new CoinError(error.code, error.message, {
    values: { kind: t(child.label), ...error.values },
    ...(error.hint !== undefined && { hint: error.hint }),
    fields: error.fields.map(one => (known.has(prefix + one.field) ? { ...one, field: prefix + one.field } : { ...one, field: '' })),
    detail: { ...error.detail, line: prefix },
  })
}

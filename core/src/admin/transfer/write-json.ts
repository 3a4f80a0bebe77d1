import type { Cell } from './values.ts'

/** A table as a JSON array of objects, a line for each, piece by piece. */
export async function* writeJson(headers: readonly string[], batches: AsyncIterable<readonly (readonly Cell[])[]>) {
  let first = true
  for await (const rows of batches) {
    const lines = rows.map(cells => JSON.stringify(Object.fromEntries(headers.map((header, index) => [header, cells[index] ?? null]))))
    if (lines.length > 0) yield `${first ? '[\n' : ',\n'}${lines.join(',\n')}`
    first &&= lines.length === 0
  }
  yield first ? '[]\n' : '\n]\n'
}

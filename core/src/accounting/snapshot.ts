import type { Tx } from '../db/database.ts'

/** What writes a file piece by piece, in a transaction. */
export type Pieces = (tx: Tx) => AsyncGenerator<string>

/** Hands each piece on, out of a transaction that sees one moment: what is booked meanwhile is in the next file. Waits for `write`. */
export const writePieces = (db: Tx, pieces: Pieces, write: (piece: string) => Promise<void>): Promise<void> =>
  db.transaction(
    async tx => {
      for await (const piece of pieces(tx as unknown as Tx)) await write(piece)
    },
    { isolationLevel: 'repeatable read' },
  )

/** What is made before anybody reads it: a short file does not keep a connection waiting for its reader. */
const ahead = 4 * 1024 * 1024
/** A reader who takes nothing for so long, in ms, has gone. */
const patience = 60_000

/**
 * The same as a body of an answer, encoded. Waits until its first bytes are there, so that what is refused is answered as an error. Breaks off
 * when something fails after that, or when nobody reads on: a file that is cut short is seen, one that lacks lines is not.
 */
export async function streamPieces(
  db: Tx,
  pieces: Pieces,
  encode: (text: string) => Uint8Array = utf8,
): Promise<ReadableStream<Uint8Array>> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    {},
    undefined,
    new ByteLengthQueuingStrategy({ highWaterMark: ahead }),
  )
  const writer = writable.getWriter()
  // whoever waits for the writer learns of it; here it is nobody's error
  writer.closed.catch(() => {})
  const begun = Promise.withResolvers<void>()
  void writePieces(db, pieces, async piece => {
    begun.resolve()
    await within(patience, writer.ready)
    await writer.write(encode(piece))
  })
    .then(() => writer.close())
    .catch(error => {
      begun.reject(error)
      return writer.abort(error).catch(() => {})
    })
  await begun.promise
  return readable
}

async function within(milliseconds: number, waited: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('Nobody reads this file.')), milliseconds)
  try {
    await Promise.race([waited, promise])
  } finally {
    clearTimeout(timer)
  }
}

const utf8 = (text: string) => new TextEncoder().encode(text)

/** One line of CSV (RFC 4180). A spreadsheet does not take a text for a formula. */
export const csvLine = (cells: readonly (string | number | boolean | null)[]): string => `${cells.map(csvCell).join(',')}\r\n`

function csvCell(value: string | number | boolean | null): string {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[=+@\t\r]|^-(?![\d.]+$)/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** An array as JSON, one element per line, from batches of elements. */
export async function* jsonArray(batches: AsyncGenerator<readonly unknown[]>): AsyncGenerator<string> {
  let before = '[\n'
  for await (const batch of batches) {
    if (batch.length === 0) continue
    yield before + batch.map(each => JSON.stringify(each)).join(',\n')
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

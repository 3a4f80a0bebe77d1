/** What PostgreSQL does not take in a text: NUL, and halves of a surrogate pair. And what would only fool who reads it. */
const unkept = /[\p{Cc}\p{Bidi_Control}]/gu

/** A text of several lines whose invisible characters are seen: none of them moves a cursor, colours a terminal, or turns a line round. */
export const visible = (text: string): string =>
  text.replace(unkept, character => (character === '\n' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`))

/** A message in one line that can be kept and shown: whatever is no character that people see is one that stands for it. */
export const storable = (text: string): string => text.toWellFormed().replace(/\s+/g, ' ').replace(unkept, '\ufffd').trim()

/** JSON that `jsonb` takes: NUL and halves of a surrogate pair are replaced by the character that stands for them. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value).replace(/(?<=(?:^|[^\\])(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '\ufffd')

/** What an error says, without the statement and the values that Drizzle adds: there are secrets among them. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return storable(String(error))
  if (error.name === 'DrizzleQueryError' || error.message.startsWith('Failed query:')) return messageOf(error.cause ?? 'The query failed.')
  return storable(error.message || error.name)
}

/** Whether the database said it, or was not there to say anything. */
export function isDatabaseError(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    // the driver's own: an answer of the server has a severity; one that is gone has not
    if ('severity' in cause || cause.message.startsWith('Failed query:')) return true
    if (/^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error/.test(cause.message))
      return true
  }
  return false
}

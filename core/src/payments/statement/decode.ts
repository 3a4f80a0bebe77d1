import { charsetOf, decodeAs } from '../../system/text.ts'
import type { StatementProblem } from './statement.ts'

/** The largest file that is read: a hundred thousand bookings in XML are about 120 MB. */
export const largestFile = 200 * 1024 * 1024

/**
 * The text of a file, with `\n` for every end of line, or why it is none. A charset that is given is obeyed. Otherwise: the byte order mark,
 * zeros in every second byte (UTF-16), UTF-8 if all of it is valid, the charset that the file's first lines declare, Windows-1252 (which holds
 * ISO-8859-1): banks declare what they do not write, so the bytes are believed first.
 */
export function decode(bytes: Uint8Array, charset?: string): { text: string } | { problem: StatementProblem } {
  if (bytes.length === 0) return refused('The file is empty: export it again.')
  if (bytes.length > largestFile)
    return refused('The file is larger than {{megabytes}} MB: export shorter periods.', { megabytes: largestFile / 1024 / 1024 })
  const other = foreignKind(bytes)
  if (other) return refused(other)
  const chosen = charset || statedOr(charsetOf(bytes), bytes)
  const decoded = decodeAs(bytes, chosen)
  if (decoded === undefined)
    return refused('The file is not in the charset {{charset}}: leave it to be found out, or choose another.', { charset: chosen })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no text holds
  if (/[\x00-\x08\x0e-\x1a]/.test(decoded.slice(0, 100_000)))
    return refused('This is not a text file: export the statement as CAMT.053, OFX or CSV.')
  if (decoded.trim() === '') return refused('The file is empty: export it again.')
  if (/^\s*(<!doctype html|<html|<head|<body|<script)/i.test(decoded))
    return refused('This is a web page, not a statement: the session with the bank may have ended. Export it again.')
  return { text: decoded.includes('\r') ? decoded.replace(/\r\n?/g, '\n') : decoded }
}

const refused = (message: string, values?: StatementProblem['values']) => ({ problem: { message, ...(values && { values }) } })

/** What a file that is no text is, by its first bytes, and what to do about it. */
function foreignKind(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('latin1')
  if (start.startsWith('PK\x03\x04') || start.startsWith('\xd0\xcf\x11\xe0'))
    return 'This is a spreadsheet or an archive: save it as CSV, or take the statement out of the archive.'
  if (start.startsWith('%PDF')) return 'This is a PDF: export the statement as CAMT.053, OFX or CSV.'
  return undefined
}

/** An old charset that the file says itself to be in. */
function statedOr(found: string, bytes: Uint8Array): string {
  if (found !== 'windows-1252') return found
  const declared = /(?:encoding=["']|CHARSET:\s*)([\w-]+)/.exec(Buffer.from(bytes.subarray(0, 400)).toString('latin1'))?.[1] ?? ''
  return /^(iso-?)?8859-\d+$/i.test(declared) ? `iso-${declared.replace(/^iso-?/i, '')}` : found
}

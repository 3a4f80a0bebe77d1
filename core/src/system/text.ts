import { isUtf8 } from 'node:buffer'

/** The charset of a text by its bytes: its byte order mark, zeros in every second byte (UTF-16), UTF-8 if all of it is valid, else Windows-1252, which holds ISO-8859-1. */
export function charsetOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const start = bytes.subarray(0, 2000)
  const zeros = [0, 0]
  for (const [index, byte] of start.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1
  if ((zeros[1] ?? 0) > start.length / 4 && zeros[0] === 0) return 'utf-16le'
  if ((zeros[0] ?? 0) > start.length / 4 && zeros[1] === 0) return 'utf-16be'
  return isUtf8(bytes) ? 'utf-8' : 'windows-1252'
}

/** The text of some bytes; undefined if the charset is unknown or the bytes are not in it. */
export function decodeAs(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A header without what people write differently: capitals, accents, spaces. */
export const plainHeader = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\p{M}\ufeff]/gu, '')
    .replace(/[\s\u00a0]+/g, ' ')
    .replace(/’/g, "'")
    .trim()
    .toLowerCase()

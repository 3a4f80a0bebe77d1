/** The names of entries, as text (RFC 4514). */

/** A value in a DN: every character that could end it, or that is lost at an edge, is escaped. */
export const escapeDn = (value: string): string =>
  value
    .replace(/[\\",+;<>=\p{Cc}]/gu, character => (/\p{Cc}/u.test(character) ? inHex(character) : `\\${character}`))
    .replace(/^[ #]|(?<=.) $/gs, '\\$&')

const inHex = (character: string) => Buffer.from(character).toString('hex').replace(/../g, '\\$&')

/** The first name of a DN and the rest. */
export interface Dn {
  readonly attribute: string
  readonly value: string
  readonly parent: string
}

/** Takes a DN apart; `undefined` when its first name is made of several, is not text, or nothing is above it. */
export function parseDn(dn: string): Dn | undefined {
  const found = /^\s*([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+)\s*=\s*((?:\\(?:[0-9A-Fa-f]{2}|[^0-9A-Fa-f])|[^\\,+])*),\s*(.*)$/s.exec(dn)
  const [, attribute, escaped, parent] = found ?? []
  if (attribute === undefined || escaped === undefined || !parent || escaped.startsWith('#')) return undefined
  return { attribute: attribute.toLowerCase(), value: unescapeDn(escaped), parent }
}

/** Takes the escapes away: a character, or a byte of UTF-8 in hexadecimal. Spaces at an edge count only when they are escaped. */
function unescapeDn(escaped: string): string {
  if (!escaped.includes('\\')) return escaped.trim()
  const tokens = escaped.match(/\\(?:[0-9A-Fa-f]{2}|.)|[^\\]/gsu) ?? []
  const plain = (token: string | undefined) => token?.trim() === ''
  while (plain(tokens[0])) tokens.shift()
  while (plain(tokens.at(-1))) tokens.pop()
  return Buffer.concat(
    tokens.map(token => (/^\\[0-9A-Fa-f]{2}$/.test(token) ? Buffer.from(token.slice(1), 'hex') : Buffer.from(token.replace(/^\\/, '')))),
  ).toString('utf8')
}

/** What a directory takes for the same name: case and spaces do not tell names apart (RFC 4518). */
export const foldName = (value: string): string => value.normalize('NFKC').toLowerCase().trim().replace(/ +/g, ' ')

/** What a directory takes for the same DN, for names that came out of a directory or a configuration. */
export const foldDn = (dn: string): string => {
  const parsed = parseDn(dn)
  if (parsed) return `${parsed.attribute}=${escapeDn(foldName(parsed.value))},${foldDn(parsed.parent)}`
  return dn
    .toLowerCase()
    .replace(/\s*([=,+])\s*/g, '$1')
    .trim()
}

/** The key of an entry below `base`. Names that the directory takes for the same have the same key. */
export const keyOf = (attribute: string, value: string, base: string): string =>
  `${attribute.toLowerCase()}=${escapeDn(foldName(value))},${base}`

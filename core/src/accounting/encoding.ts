/** What ISO 8859-15 has in place of Latin-1's ¤ ¦ ¨ ´ ¸ ¼ ½ ¾. */
const own = new Map([
  ['€', 0xa4],
  ['Š', 0xa6],
  ['š', 0xa8],
  ['Ž', 0xb4],
  ['ž', 0xb8],
  ['Œ', 0xbc],
  ['œ', 0xbd],
  ['Ÿ', 0xbe],
])
const replaced = new Set(own.values())

/** The bytes of a text in ISO 8859-15. A letter that it lacks loses its accent; what is left of the unknown is a question mark. */
export function latin9(text: string): Uint8Array {
  return Uint8Array.from(
    [...text].flatMap(
      character => byteOf(character) ?? [...character.normalize('NFD').replace(/\p{M}/gu, '')].map(part => byteOf(part) ?? 63),
    ),
  )
}

function byteOf(character: string): number | undefined {
  const known = own.get(character)
  const code = character.codePointAt(0) ?? 0
  return known ?? (code <= 0xff && !replaced.has(code) ? code : undefined)
}

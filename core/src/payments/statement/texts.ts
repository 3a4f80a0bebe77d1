import { electronicFormatIBAN, isValidIBAN } from 'ibantools'

/** The longest text that is kept of a bank's line; longer is refused, it is no label. */
export const longestText = 4000

/** One space between words; no control characters, which PostgreSQL and terminals do not bear. Undefined if nothing is left. */
export function cleanText(text: string | undefined): string | undefined {
  const clean = text
    ?.replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .normalize('NFC')
    .toWellFormed()
  return clean || undefined
}

/** A reference without the values by which banks say that there is none. */
export function cleanReference(text: string | undefined): string | undefined {
  const clean = cleanText(text)
  return clean && !/^(not ?provided|nonref|none|n\/?a|[-0.]+)$/i.test(clean) ? clean : undefined
}

/** The IBAN in capitals without spaces; undefined if it is not valid, such as one that the bank has masked. */
export function validIban(text: string | undefined): string | undefined {
  const iban = text ? electronicFormatIBAN(text) : null
  return iban && isValidIBAN(iban) ? iban : undefined
}

/** Texts in one, without those that another begins with or holds: banks repeat a short label at the start of the long one. */
export function joinTexts(texts: readonly (string | undefined)[]): string {
  let kept: string[] = []
  for (const text of texts) {
    const clean = cleanText(text)
    if (!clean || kept.some(each => each.includes(clean))) continue
    kept = [...kept.filter(each => !clean.startsWith(each)), clean]
  }
  return kept.join(' ')
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' }

/** The five entities of XML, `&nbsp;` and characters by number. Others stay as they are: none is ever defined by a file. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    if (name) return entities[name.toLowerCase()] ?? whole
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** A structured reference in one form: capitals, without spaces. */
export function normaliseReference(text: string | undefined): string | undefined {
  const compact = text?.replace(/\s+/g, '').toUpperCase()
  return compact || undefined
}

/** Whether it is a creditor reference (ISO 11649) with the right check digits; in capitals without spaces. */
export function isCreditorReference(reference: string): boolean {
  if (!/^RF\d{2}[A-Z0-9]{1,21}$/.test(reference)) return false
  let rest = 0
  for (const character of reference.slice(4) + reference.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

/** The first valid creditor reference in a text, written in one piece or in groups of four. The longest wins. */
export function findCreditorReference(text: string): string | undefined {
  if (!/RF\d\d/i.test(text)) return undefined
  for (const { 0: found } of text
    .toUpperCase()
    .matchAll(/(?<![A-Z0-9])RF\d{2}(?:[A-Z0-9]{1,21}|(?: [A-Z0-9]{4}){0,5}(?: [A-Z0-9]{1,4})?)(?![A-Z0-9])/g)) {
    const groups = found.split(' ')
    for (let size = groups.length; size > 0; size--) {
      const candidate = groups.slice(0, size).join('')
      if (isCreditorReference(candidate)) return candidate
    }
  }
  return undefined
}

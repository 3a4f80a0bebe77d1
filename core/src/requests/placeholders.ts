/** What may stand between double braces in a template. The database knows the same ones. */
export const placeholders = ['name', 'offer', 'reference', 'request', 'date', 'provider', 'link'] as const

/** A text of a template with what is known filled in. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, word: string) => values[word] ?? whole)

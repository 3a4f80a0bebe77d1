/** A cell of a CSV (RFC 4180). A spreadsheet does not take a text for a formula: one that begins like it gets an apostrophe. */
export function csvCell(value: string | number | boolean | null, delimiter = ','): string {
  if (value === null) return ''
  const text = typeof value === 'string' && formula.test(value) && !/^-\d+(\.\d+)?$/.test(value) ? `'${value}` : String(value)
  return /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A cell as it was before `csvCell` wrote it. */
export const withoutGuard = (text: string): string => (/^'+[=+@\t\r-]/.test(text) ? text.slice(1) : text)

const formula = /^'*[=+@\t\r-]/

/** What was typed in a search field, as far as anybody searches for it: PostgreSQL takes no NUL, and other control characters are no words. */
export const cleanSearch = (text: string | undefined): string =>
  (text ?? '')
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200)

/** What was typed stands for itself in LIKE. */
export const literal = (term: string): string => term.replace(/[\\%_]/g, '\\$&')

const base = 'http://coin.invalid'

/** The text when it is a path of this site, such as `/members?page=2`; undefined for what would lead elsewhere. */
export function localPath(text: string | undefined): string | undefined {
  // a browser reads a backslash as a slash, and leaves control characters out
  if (!text?.startsWith('/') || /[\\\p{Cc}]/u.test(text) || text.length > 2000) return undefined
  try {
    const { origin, pathname, search } = new URL(text, base)
    return origin === base && !pathname.startsWith('//') ? pathname + search : undefined
  } catch {
    return undefined
  }
}

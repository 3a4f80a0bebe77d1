/**
 * Puts question marks for the characters of which an error of Typst's PDF/A export says that no font has them, and nothing for those that
 * are not seen by themselves. The text comes back as it was if the error is about something else.
 */
export function withoutMissingGlyphs(data: string, error: string): string {
  const missing = [...error.matchAll(complaint)].map(([, text = '']) => unescaped(text)).filter(text => /[^\0-\x7f]/.test(text))
  return [...new Set(missing)].reduce((rest, text) => rest.replaceAll(text, /^[\p{Cf}\p{M}]+$/u.test(text) ? '' : '?'), data)
}

/** The error is Rust's notation of a list, in which texts are in that notation again. */
const complaint = /the text `\\"(.+?)\\"` could not be displayed/g

const unescaped = (text: string): string =>
  text.replace(/\\+u\{([0-9a-f]+)\}/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))

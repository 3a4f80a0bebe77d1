/**
 * Text as it can be written into XML 1.0 and set on paper: without control characters (tabs and line ends stay), lone surrogates,
 * noncharacters, and marks that turn the direction of what follows, with which a name could show a line other than it is.
 */
export const cleanText = (text: string): string => text.toWellFormed().replace(unwritable, '').replace(/\r\n?/g, '\n').trim()

/** The same, on one line. */
export const cleanLine = (text: string): string => cleanText(text).replace(/[\n\t ]+/g, ' ')

/** The same for paper: a word that would not fit into a column may be broken every twenty characters. */
export const breakable = (text: string): string => text.replace(/\S{37,}/gu, word => (word.match(/.{1,20}/gu) ?? []).join('\u200b'))

const unwritable = /(?!\r)[\p{Cc}--[\t\n\r]]|[\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}\ufffe\uffff]/gv

import { raw } from 'hono/html'
import type { Content, Html } from './html.ts'

/** A piece of HTML: text that is escaped, or on its way. */
export type Piece = string | Promise<string>

/** What stands between two tags, as HTML. Long tables are put together from it: a tree of nodes for each cell takes several times as long. */
export function piece(content: Content): Piece {
  if (typeof content === 'string') return escaped(content)
  if (typeof content === 'number') return String(content)
  if (typeof content !== 'object' || content === null) return ''
  if (Array.isArray(content)) return joined((content as readonly Content[]).map(piece))
  if (content instanceof Promise) return content.then((settled: Content) => piece(settled))
  // a node has escaped what is in it, another object has not
  const text = content.toString() as Piece
  if ('isEscaped' in content && content.isEscaped) return typeof text === 'string' ? text : text.then(String)
  return typeof text === 'string' ? escaped(text) : text.then(escaped)
}

/** Pieces one after the other. */
export function joined(pieces: readonly Piece[]): Piece {
  return pieces.every(each => typeof each === 'string') ? pieces.join('') : Promise.all(pieces).then(all => all.join(''))
}

/** Pieces as something that stands between two tags. */
export function html(...pieces: readonly Piece[]): Html {
  const all = joined(pieces)
  return typeof all === 'string' ? raw(all) : all.then(text => raw(text))
}

const special = /[&<>"']/
const codes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** A text as it stands in HTML, also in an attribute between quotes. */
export const escaped = (text: string): string => (special.test(text) ? text.replace(/[&<>"']/g, sign => codes[sign] ?? sign) : text)

import type { StatementProblem } from './statement.ts'
import { decodeEntities } from './texts.ts'

/** An element: its children by name without prefix, its attributes as `@name`, its text as `#text`; only a text if it has nothing else. */
export type XmlNode = string | XmlElement
export interface XmlElement {
  [name: string]: XmlNode | XmlNode[]
}

/** Takes each element of a name as soon as it is read, instead of the tree, so that memory holds one of a hundred thousand at a time. */
export interface XmlHandler {
  readonly name: string
  /** `parent` has what stands before the element; `line` is where it begins. */
  take(element: XmlNode, parent: XmlElement, line: number): void
}

/**
 * Reads XML as far as bank messages use it: elements, attributes, texts, comments, CDATA. Every tag must be closed in its turn. A document type
 * is refused, so that nothing that a file defines is ever expanded or fetched. A reader of its own, because it must be strict about tags, tell
 * the line of each element, and hold one entry at a time.
 */
export function readXml(text: string, handler?: XmlHandler): { tree: XmlElement } | { problem: StatementProblem } {
  // at most forty attributes: without a bound, a hostile tag exhausts the stack of the matcher
  const token =
    /<(?:(\/)?([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*')){0,40})\s*(\/)?>|!--[\s\S]*?-->|!\[CDATA\[([\s\S]*?)\]\]>|\?[\s\S]*?\?>)([^<]*)/y
  const lineAt = lineCounter(text)
  const tree = emptyElement()
  const open: Open[] = [{ tag: '', element: tree, text: '', line: 1 }]
  token.lastIndex = /^\s*/.exec(text)?.[0].length ?? 0
  while (token.lastIndex < text.length) {
    const position = token.lastIndex
    const match = token.exec(text)
    if (!match) return { problem: problemAt(text, position, lineAt(position)) }
    const [, closing, tag, attributes, empty, cdata, after = ''] = match
    let current = open[open.length - 1] as Open
    if (tag === undefined) {
      if (cdata !== undefined) current.text += cdata
    } else if (closing) {
      if (current.tag !== tag) return { problem: damaged(lineAt(position), tag) }
      open.pop()
      current = close(current, open, handler)
    } else {
      if (open.length > deepest || (open.length === 1 && Object.keys(tree).length > 0)) return { problem: damaged(lineAt(position), tag) }
      const element = emptyElement()
      if (attributes) addAttributes(element, attributes)
      const line = handler?.name === localName(tag) ? lineAt(position) : 0
      const child = { tag, element, text: '', line }
      if (empty) close(child, open, handler)
      else open.push(child)
      if (!empty) current = child
    }
    if (after.trim() !== '') current.text += decodeEntities(after)
  }
  if (open.length > 1) return { problem: endsTooEarly(lineAt(text.length)) }
  return Object.keys(tree).length === 0 || open[0]?.text ? { problem: damaged(1) } : { tree }
}

/** The children of that name, however many. */
export function all(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  if (node === undefined || typeof node === 'string') return []
  const found = node[name]
  return found === undefined ? [] : Array.isArray(found) ? found : [found]
}

/** The first element on a path of names. */
export function at(node: XmlNode | undefined, ...path: readonly string[]): XmlNode | undefined {
  let found = node
  for (const name of path) {
    const children: XmlNode | XmlNode[] | undefined = typeof found === 'object' ? found[name] : undefined
    found = Array.isArray(children) ? children[0] : children
  }
  return found
}

/** The text of the first element on a path of names; undefined if there is none or it is empty. */
export function textAt(node: XmlNode | undefined, ...path: readonly string[]): string | undefined {
  const found = at(node, ...path)
  const text = typeof found === 'object' ? found['#text'] : found
  return typeof text === 'string' && text !== '' ? text : undefined
}

interface Open {
  readonly tag: string
  readonly element: XmlElement
  readonly line: number
  text: string
}

/** Deeper than any bank message. */
const deepest = 60

/** Without a prototype: a file may call its elements what it likes. */
const emptyElement = (): XmlElement => Object.create(null) as XmlElement

const localName = (tag: string): string => tag.slice(tag.indexOf(':') + 1)

function addAttributes(element: XmlElement, attributes: string): void {
  for (const [, name = '', quoted = ''] of attributes.matchAll(/([\w.:-]+)\s*=\s*("[^"]*"|'[^']*')/g))
    element[`@${localName(name)}`] = decodeEntities(quoted.slice(1, -1))
}

/** Gives a closed element to its parent, or to the handler; returns the parent. */
function close({ tag, element, text, line }: Open, open: readonly Open[], handler: XmlHandler | undefined): Open {
  const parent = open[open.length - 1] as Open
  const name = localName(tag)
  const content = text.trim()
  let isLeaf = true
  for (const _ in element) {
    isLeaf = false
    break
  }
  if (!isLeaf && content) element['#text'] = content
  const node = isLeaf ? content : element
  if (handler?.name === name) {
    handler.take(node, parent.element, line)
    return parent
  }
  const known = parent.element[name]
  if (known === undefined) parent.element[name] = node
  else if (Array.isArray(known)) known.push(node)
  else parent.element[name] = [known, node]
  return parent
}

function problemAt(text: string, position: number, line: number): StatementProblem {
  if (/^<!(?!--|\[CDATA\[)/.test(text.slice(position, position + 9)))
    return { line, message: 'The file defines a document type, which no bank does: it is not read.' }
  return text.indexOf('>', position) < 0 ? endsTooEarly(line) : damaged(line)
}

const endsTooEarly = (line: number): StatementProblem => ({ line, message: 'The file ends in the middle: export it again.' })

const damaged = (line: number, field?: string): StatementProblem => ({
  line,
  ...(field && { field }),
  message: 'This element is opened or closed where it cannot be: the file is damaged. Export it again.',
})

/** Tells the line of a position; positions are asked in rising order, so that the text is walked once. */
function lineCounter(text: string): (position: number) => number {
  let line = 1
  let next = text.indexOf('\n')
  return position => {
    for (; next >= 0 && next < position; next = text.indexOf('\n', next + 1)) line++
    return line
  }
}

/** A piece of XML that was escaped. */
export type Xml = string & { readonly __xml: true }

type Content = Xml | Text | undefined | false | readonly Content[]
interface Text {
  readonly text: string
}

/** Text to be escaped. Without it a string is not content: nothing gets in unescaped by mistake. */
export const text = (value: string): Text => ({ text: value })

/** An element with what is in it; nothing at all if that is nothing. */
export function element(name: string, content: Content, attributes: Readonly<Record<string, string | undefined>> = {}): Xml | undefined {
  const inside = render(content)
  if (inside === '') return undefined
  return `<${name}${renderAttributes(attributes)}>${inside}</${name}>` as Xml
}

/** An element that holds only text; nothing if there is none. */
export const leaf = (
  name: string,
  value: string | undefined,
  attributes: Readonly<Record<string, string | undefined>> = {},
): Xml | undefined => (value ? element(name, text(value), attributes) : undefined)

/** An element that a schema wants even when it is empty. */
export const emptyElement = (name: string): Xml => `<${name}/>` as Xml

/** The whole file: its root with the namespaces. */
export const xmlFile = (root: string, namespaces: Readonly<Record<string, string>>, content: Content): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${renderAttributes(namespaces)}>${render(content)}</${root}>\n`

function render(content: Content): string {
  if (!content) return ''
  if (typeof content === 'string') return content
  return isText(content) ? escaped(content.text) : content.map(render).join('')
}

const isText = (content: Text | readonly Content[]): content is Text => 'text' in content

const renderAttributes = (attributes: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escaped(value)}"`))
    .join('')

const escaped = (value: string): string =>
  value.replace(/[&<>"\n\t]/g, found =>
    found === '&' ? '&amp;' : found === '<' ? '&lt;' : found === '>' ? '&gt;' : `&#${found.charCodeAt(0)};`,
  )

import { type Invoice, InvoiceService, invoiceSchema } from '@e-invoice-eu/core'
import { XMLParser } from 'fast-xml-parser'

/** An element: its name, its attributes, and what is in it. */
export type Tree = readonly [name: string, attributes: Readonly<Record<string, string>>, content: string | readonly Tree[]]

/** The tree of an XML file, without namespaces' declarations, amounts without trailing zeros. */
export function treeOf(xml: string): Tree {
  const [root] = ordered.parse(xml) as OrderedNode[]
  if (!root) throw new Error('no XML')
  return treeOfNode(root)
}

/**
 * Has the reference library read our UBL, check it against its schema (elements, code lists, patterns), and write the same invoice itself.
 */
export async function byReference(ubl: string, format: 'CII' | 'UBL'): Promise<string> {
  const asInvoice = ubl.replaceAll('CreditNote', 'Invoice').replaceAll('CreditedQuantity', 'InvoicedQuantity')
  const { Invoice: read } = plain.parse(asInvoice) as { Invoice: Json }
  const input = { 'ubl:Invoice': internal(read, (invoiceSchema.properties as Record<string, Schema>)['ubl:Invoice']) } as unknown as Invoice
  const written = await new InvoiceService({ log() {}, warn() {}, error() {} } as unknown as Console).generate(input, {
    format,
    lang: 'en',
    noWarnings: true,
  })
  return written.toString()
}

type OrderedNode = Record<string, unknown> & { ':@'?: Record<string, string> }
type Json = string | readonly Json[] | { readonly [name: string]: Json }
interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

const options = {
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  trimValues: true,
}
const ordered = new XMLParser({ ...options, preserveOrder: true })
const plain = new XMLParser(options)

function treeOfNode(node: OrderedNode): Tree {
  const name = Object.keys(node).find(key => key !== ':@') ?? ''
  const attributes = Object.entries(node[':@'] ?? {}).flatMap(([key, value]) =>
    /^@xmlns|^@xsi/.test(key) ? [] : [[key.slice(1), value] as const],
  )
  const children = node[name] as OrderedNode[]
  const [text] = children.map(child => child['#text'])
  const isText = children.length === 1 && text !== undefined
  return [name.replace(/^ubl:/, ''), Object.fromEntries(attributes), isText ? withoutZeros(String(text)) : children.map(treeOfNode)]
}

const withoutZeros = (text: string) => (/^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text)

/** The library's input: as UBL, attributes beside their element, everything that may repeat a list. */
function internal(node: Json, schema: Schema | undefined): Json {
  if (typeof node === 'string' || Array.isArray(node)) return node
  const all = Object.entries(node as Record<string, Json>).flatMap(([name, value]): [string, Json][] => {
    if (name.startsWith('@')) return []
    const known = schema?.properties?.[name]
    if (known?.type === 'array') return [[name, (Array.isArray(value) ? value : [value]).map(each => internal(each as Json, known.items))]]
    if (typeof value === 'object' && '#text' in value) {
      const { '#text': text, ...attributes } = value as Record<string, Json>
      return [[name, text ?? ''], ...Object.entries(attributes).map(([key, each]): [string, Json] => [`${name}${key}`, each])]
    }
    return [[name, internal(value, known)]]
  })
  return Object.fromEntries(all)
}

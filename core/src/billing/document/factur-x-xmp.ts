/**
 * Adds to a PDF/A-3 what makes it Factur-X: the metadata that say which attachment is the invoice, and, because PDF/A wants every property
 * declared, their schema. The file stays as it is and a new version of its metadata is appended (an incremental update, ISO 32000-1 7.5.6).
 *
 * It reads what Typst writes: a classic cross-reference table and metadata that are not compressed; anything else is an error.
 */
export function addFacturXMetadata(pdf: Uint8Array): Uint8Array {
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength)
  const trailerAt = file.lastIndexOf('\ntrailer') + 1
  const startAt = file.lastIndexOf('startxref')
  if (trailerAt === 0 || startAt < trailerAt) throw unreadable('no trailer')
  const trailer = file.toString('latin1', trailerAt, startAt)
  const previous = capture(/^startxref\s+(\d+)/, file.toString('latin1', startAt, startAt + 40), 'where the table begins')
  const root = capture(/\/Root\s+(\d+)\s+0\s+R/, trailer, 'the catalog')
  const metadata = capture(/\/Metadata\s+(\d+)\s+0\s+R/, objectHead(file, root, 'endobj'), 'metadata')

  const xmp = Buffer.from(withFacturX(metadataOf(file, metadata)))
  const lead = file.at(-1) === 0x0a ? '' : '\n'
  const object = Buffer.concat([
    Buffer.from(`${lead}${metadata} 0 obj\n<< /Type /Metadata /Subtype /XML /Length ${xmp.length} >>\nstream\n`),
    xmp,
    Buffer.from('\nendstream\nendobj\n'),
  ])
  const entry = String(file.length + lead.length).padStart(10, '0')
  const update = `xref\n${metadata} 1\n${entry} 00000 n \n${trailer.replace(/^trailer\s*<</, `trailer\n<< /Prev ${previous}`).trimEnd()}\nstartxref\n${file.length + object.length}\n%%EOF\n`
  return Buffer.concat([file, object, Buffer.from(update, 'latin1')])
}

/** The text of an object from its number to a word in it. */
function objectHead(file: Buffer, number: string, until: string): string {
  const from = file.indexOf(`\n${number} 0 obj`)
  const to = file.indexOf(until, from)
  if (from < 0 || to < 0) throw unreadable(`no object ${number}`)
  return file.toString('latin1', from, to)
}

function metadataOf(file: Buffer, number: string): string {
  const head = objectHead(file, number, 'stream')
  if (head.includes('/Filter')) throw unreadable('compressed metadata')
  const length = Number(capture(/\/Length\s+(\d+)/, head, 'the length of the metadata'))
  const after = file.indexOf('stream', file.indexOf(`\n${number} 0 obj`)) + 'stream'.length
  const from = after + (file[after] === 0x0d ? 2 : 1)
  return file.toString('utf8', from, from + length)
}

function withFacturX(xmp: string): string {
  const declared = xmp.replace(/<pdfaExtension:schemas>\s*<rdf:Bag>/, found => found + schema)
  if (declared === xmp) throw unreadable('no extension schemas')
  const end = declared.lastIndexOf('</rdf:RDF>')
  if (end < 0) throw unreadable('no RDF')
  return declared.slice(0, end) + values + declared.slice(end)
}

function capture(pattern: RegExp, text: string, what: string): string {
  const [, found] = pattern.exec(text) ?? []
  if (found === undefined) throw unreadable(`not ${what}`)
  return found
}

const unreadable = (why: string) => new Error(`The PDF is not as Typst writes it: ${why}.`)

const namespace = 'urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#'

const values =
  `<rdf:Description rdf:about="" xmlns:fx="${namespace}"><fx:DocumentType>INVOICE</fx:DocumentType>` +
  '<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName><fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>'

const property = (name: string, description: string) =>
  `<rdf:li rdf:parseType="Resource"><pdfaProperty:name>${name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>` +
  `<pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>${description}</pdfaProperty:description></rdf:li>`

const schema =
  '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>' +
  `<pdfaSchema:namespaceURI>${namespace}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>` +
  property('DocumentFileName', 'The name of the embedded XML document') +
  property('DocumentType', 'The type of the hybrid document in capital letters') +
  property('Version', 'The version of the standard for the embedded XML document') +
  property('ConformanceLevel', 'The conformance level of the embedded XML document') +
  '</rdf:Seq></pdfaSchema:property></rdf:li>'

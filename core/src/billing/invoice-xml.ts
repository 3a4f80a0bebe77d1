import type { Tx } from '../db/database.ts'
import { type CoinError, isCoinError } from '../errors.ts'
import { type InvoiceDocument, isElectronicInvoice } from './document/document.ts'
import { fileNameOf } from './file-name.ts'
import { invoiceDocuments } from './invoice-document.ts'
import type { XmlFormat } from './xml-formats.ts'

interface XmlFile {
  readonly name: string
  readonly content: Buffer
}

/** The data of issued invoices as files in these formats, by id; of one that lacks something for that, why. A donation has no electronic form. */
export async function xmlFilesOf(
  tx: Tx,
  ids: readonly number[],
  formats: readonly XmlFormat[],
): Promise<ReadonlyMap<number, readonly XmlFile[] | CoinError>> {
  const files = new Map<number, readonly XmlFile[] | CoinError>()
  for (const [id, document] of await invoiceDocuments(tx, ids)) {
    try {
      files.set(id, isElectronicInvoice(document) ? await Promise.all(formats.map(format => xmlFile(document, format))) : [])
    } catch (error) {
      if (!isCoinError(error)) throw error
      files.set(id, error)
    }
  }
  return files
}

async function xmlFile(document: InvoiceDocument, format: XmlFormat): Promise<XmlFile> {
  return { name: `${fileNameOf(document.number)}-${format}.xml`, content: Buffer.from(await render(document, format), 'utf8') }
}

async function render(document: InvoiceDocument, format: XmlFormat): Promise<string> {
  if (format === 'ubl') return (await import('./document/render-ubl.ts')).renderUbl(document)
  return (await import('./document/render-cii.ts')).renderCii(document)
}

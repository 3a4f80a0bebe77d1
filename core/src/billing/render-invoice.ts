import { readFile } from 'node:fs/promises'
import { currentScope } from '../app/scope.ts'
import type { InvoiceDocument } from './document/document.ts'

/** Sets an invoice as a PDF, with this deployment's logo, template and format. */
export async function renderInvoicePdf(document: InvoiceDocument): Promise<Uint8Array> {
  const { logo, template, format } = currentScope().registry.config.billing.document
  const { renderPdf } = await import('./document/render-pdf.ts')
  const seller = logo === undefined ? document.seller : { ...document.seller, logo: await readFile(logo) }
  return renderPdf({ ...document, seller }, { facturX: format === 'factur-x', template })
}

import path from 'node:path'
import { CoinError } from '../../errors.ts'
import { type InvoiceDocument, isElectronicInvoice } from './document.ts'
import { addFacturXMetadata } from './factur-x-xmp.ts'
import { imageExtension } from './image-extension.ts'
import { renderCii } from './render-cii.ts'
import { templateData } from './template-data.ts'
import { TypstError, typeset } from './typst.ts'

export interface PdfOptions {
  /** Whether the file carries its own data. Documents that have no electronic form never do. */
  readonly facturX: boolean
  /** A Typst template instead of Coin's: a path. */
  readonly template?: string | undefined
}

/** The document on paper: PDF/A-3b, and with `facturX` a Factur-X 1.0 of profile EN 16931. The same document gives the same bytes. */
export async function renderPdf(document: InvoiceDocument, { facturX, template = ownTemplate }: PdfOptions): Promise<Uint8Array> {
  const carries = facturX && isElectronicInvoice(document)
  const { logo } = document.seller
  const logoFile = logo && `logo.${imageExtension(logo)}`
  const files = new Map<string, Uint8Array>()
  if (logo && logoFile) files.set(logoFile, logo)
  if (carries) files.set('factur-x.xml', Buffer.from(renderCii(document)))
  const pdf = await typeset({
    template: path.resolve(template),
    data: JSON.stringify(templateData(document, logoFile ?? null)),
    files,
    date: document.issuedOn,
    epilogue: carries ? attachment : '',
  }).catch(error => {
    throw error instanceof TypstError ? refused(error, template) : error
  })
  return carries ? addFacturXMetadata(pdf) : pdf
}

const ownTemplate = path.join(import.meta.dirname, 'templates', 'invoice.typ')

/** Added to any template, so that those who write one need not think of it. */
const attachment = '#pdf.attach("factur-x.xml", relationship: "alternative", mime-type: "text/xml", description: "Factur-X invoice")'

const refused = (error: TypstError, template: string) =>
  new CoinError('refused', 'Typst cannot set the template {{template}}: {{problems}}', {
    values: { template: path.basename(template), problems: error.message },
    hint: 'Mend the template, or take `billing.document.template` out of coin.config.ts for Coin’s own.',
    cause: error,
  })

import { createHash } from 'node:crypto'
import { mayWith } from '../admin/find.ts'
import type { Context } from '../app/html.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, isCoinError } from '../errors.ts'
import { readFile } from '../system/file.ts'
import { fileNameOf } from './file-name.ts'
import { invoiceDocument } from './invoice-document.ts'
import { type InvoiceHeadRow, invoiceOf, noInvoice } from './invoice-of.ts'
import { xmlFilesOf } from './invoice-xml.ts'
import { type XmlFormat, xmlFormats } from './xml-formats.ts'

/** The PDF of an invoice for staff: of an issued one the file that is kept, of a draft one that says so, made now and not kept. */
export const invoicePdf: View = {
  path: '/admin/invoices/:id{[0-9]+}/pdf',
  access: 'invoice.view',
  narrows: true,
  async get(c) {
    const { db } = currentScope()
    return pdfOf(c, db, await visibleInvoice(c, db))
  },
}

/** The data of an invoice for staff, in a form that this deployment gives. */
export const invoiceXml: View = {
  path: '/admin/invoices/:id{[0-9]+}/xml',
  access: 'invoice.view',
  narrows: true,
  async get(c) {
    const { db } = currentScope()
    return xmlOf(c, db, await visibleInvoice(c, db))
  },
}

/** The PDF of an issued invoice for the member whose it is. */
export const memberPdf: View = {
  path: '/invoices/:id{[0-9]+}/pdf',
  access: 'member',
  async get(c) {
    const { db } = currentScope()
    return pdfOf(c, db, await ownInvoice(c, db))
  },
}

/** The data of an issued invoice for the member whose it is. */
export const memberXml: View = {
  path: '/invoices/:id{[0-9]+}/xml',
  access: 'member',
  async get(c) {
    const { db } = currentScope()
    return xmlOf(c, db, await ownInvoice(c, db))
  },
}

/** An invoice that whoever asks may see. */
async function visibleInvoice(c: Context, tx: Tx): Promise<InvoiceHeadRow> {
  const invoice = await invoiceOf(c, tx)
  if (!(await mayWith('invoice.view', 'invoice', invoice.id))) throw noInvoice()
  return invoice
}

/** Of another's invoice, or a draft, there is nothing to learn. */
async function ownInvoice(c: Context, tx: Tx): Promise<InvoiceHeadRow> {
  const invoice = await invoiceOf(c, tx)
  if (invoice.state === 'draft' || invoice.memberId !== currentScope().actor.memberId) throw noInvoice()
  return invoice
}

async function pdfOf(c: Context, tx: Tx, { id, state, number, pdfHash }: InvoiceHeadRow): Promise<Response> {
  if (state === 'draft') {
    const { renderInvoicePdf } = await import('./render-invoice.ts')
    return answer(c, { content: await renderInvoicePdf(await invoiceDocument(tx, id)), type: 'application/pdf', name: `draft-${id}.pdf` })
  }
  // said before the file is read, so that what a browser has costs nothing
  if (pdfHash !== null && isKnown(c, pdfHash)) return unchanged(c, pdfHash)
  const file = pdfHash === null ? undefined : await readFile(tx, pdfHash)
  if (!file) throw new CoinError('refused', 'Its PDF is not made yet.', { hint: 'Try again in a moment.' })
  return answer(c, { content: file.content, type: file.mediaType, name: `${fileNameOf(number ?? '')}.pdf`, hash: file.hash })
}

async function xmlOf(c: Context, tx: Tx, { id, state }: InvoiceHeadRow): Promise<Response> {
  const formats = xmlFormats(currentScope().registry.config.billing.document)
  const format = c.req.query('format') ?? 'cii'
  if (state === 'draft' || !formats.includes(format as XmlFormat)) throw noInvoice()
  const found = (await xmlFilesOf(tx, [id], [format as XmlFormat])).get(id)
  if (isCoinError(found)) throw found
  const [file] = found ?? []
  if (!file) throw new CoinError('not_found', 'A donation has no electronic form.')
  const hash = createHash('sha256').update(file.content).digest('hex')
  return isKnown(c, hash) ? unchanged(c, hash) : answer(c, { ...file, type: 'application/xml', hash })
}

interface Answer {
  readonly content: Uint8Array
  readonly type: string
  readonly name: string
  /** Of the content, when it stays as it is. */
  readonly hash?: string
}

function answer(c: Context, { content, type, name, hash }: Answer): Response {
  c.header('Content-Type', type)
  c.header('Content-Disposition', `attachment; filename="${name}"`)
  keepPrivately(c, hash)
  return c.body(new Uint8Array(content))
}

const isKnown = (c: Context, hash: string): boolean =>
  (c.req.header('if-none-match') ?? '').split(',').some(tag => tag.trim().replace(/^W\//, '') === `"${hash}"`)

function unchanged(c: Context, hash: string): Response {
  keepPrivately(c, hash)
  return c.body(null, 304)
}

/** Nobody but the reader keeps it, and asks each time whether they may still see it. */
function keepPrivately(c: Context, hash: string | undefined): void {
  c.header('Cache-Control', hash === undefined ? 'no-store' : 'private, no-cache')
  if (hash !== undefined) c.header('ETag', `"${hash}"`)
}

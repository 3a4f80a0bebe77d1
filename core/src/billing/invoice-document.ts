import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import type { DocumentLine, InvoiceDocument, Seller, VatBreakdown } from './document/document.ts'
import { vatCategoryOf } from './document/vat-category.ts'
import { type DocumentRow, readDocuments, type StoredLine } from './document-rows.ts'
import { noInvoice } from './invoice-of.ts'
import { decimal, roundMoney } from './money.ts'
import { paymentReference } from './payment-reference.ts'

/** An invoice as it is written down. Of an issued one, as it was when it was issued: it is the same whenever it is asked for. */
export async function invoiceDocument(tx: Tx, id: number): Promise<InvoiceDocument> {
  const document = (await invoiceDocuments(tx, [id])).get(id)
  if (!document) throw noInvoice()
  return document
}

/** The same for several, by id, in one statement. */
export async function invoiceDocuments(tx: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, InvoiceDocument>> {
  const rows = await readDocuments(tx, ids)
  return new Map(rows.map(row => [row.id, documentOf(row)]))
}

function documentOf(row: DocumentRow): InvoiceDocument {
  const lines = row.lines.map(lineOf)
  return {
    kind: row.kind,
    draft: row.state === 'draft',
    language: languageOf(row),
    currency: row.currency,
    number: row.number ?? '',
    issuedOn: row.issuedOn,
    dueOn: row.kind === 'credit_note' ? undefined : (row.dueOn ?? undefined),
    reference: paymentReference(row.references, row.number ?? ''),
    corrects: row.corrects ?? undefined,
    seller: sellerOf(row),
    buyer: {
      name: row.member.name,
      address: linesIn(row.member.address),
      postalCode: row.member.postalCode,
      city: row.member.city,
      country: row.member.country,
      email: row.member.email,
    },
    lines,
    vat: breakdown(row, lines),
    net: row.net,
    vatTotal: row.vat,
    total: row.total,
    paid: row.paid,
    due: decimal(row.total).minus(row.paid).toFixed(2),
    notes: row.note === '' ? [] : [row.note],
  }
}

const languageOf = ({ member }: DocumentRow): InvoiceDocument['language'] => {
  const language = member.language || currentScope().registry.config.provider.language
  return language.startsWith('fr') ? 'fr' : 'en'
}

/** As it was when the invoice was issued; of a draft, or of one that was issued past Coin, as it is now. */
function sellerOf({ seller }: DocumentRow): Seller {
  const { identity, name, country } = currentScope().registry.config.provider
  const { street, ...rest } = seller ?? { ...identity, name: identity.name ?? name, country: identity.country ?? country }
  return { ...rest, address: linesIn(street) }
}

const linesIn = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)

const lineOf = (line: StoredLine): DocumentLine => ({
  description: line.description,
  explanation: line.explanation,
  periodFrom: line.first ?? undefined,
  periodTo: line.last ?? undefined,
  quantity: line.quantity,
  unit: line.unit,
  unitPrice: line.unitPrice,
  net: line.net,
  vatRate: line.vatRate,
  // why there is no VAT: nothing to say where there is some
  vatMention: decimal(line.vatRate).eq(0) ? line.vatMention : undefined,
})

/** VAT is worked out once for each rate, as the database does it. */
function breakdown({ kind, currency }: DocumentRow, lines: readonly DocumentLine[]): VatBreakdown[] {
  const groups = Map.groupBy(lines, line => JSON.stringify([decimal(line.vatRate).toFixed(2), line.vatMention ?? '']))
  return [...groups.values()].map(group => {
    const { vatRate = '0', vatMention } = group[0] ?? {}
    const base = group.reduce((sum, { net }) => sum.plus(net), decimal(0))
    return {
      rate: vatRate,
      mention: vatMention,
      base: base.toFixed(2),
      amount: roundMoney(base.times(vatRate).div(100), currency).toFixed(2),
      category: vatCategoryOf(vatRate, vatMention, kind),
    }
  })
}

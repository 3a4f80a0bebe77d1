/**
 * Everything that is said on an invoice, read once and given to whatever writes it down: PDF, CII, UBL. No database in here.
 *
 * Amounts, quantities and rates are decimal strings (`-12.50`), days ISO 8601. An empty text is the same as none. What is owed is positive,
 * so a credit note is negative throughout: lines, VAT, totals, `paid` and `due`. The writers turn the sign where their format wants it.
 */
export interface InvoiceDocument {
  readonly kind: DocumentKind
  /** Not issued: a watermark says so, and no number is shown. */
  readonly draft: boolean
  /** The reader's. */
  readonly language: Language
  /** ISO 4217. */
  readonly currency: string
  /** Empty only for a draft. */
  readonly number: string
  /** The day of a draft, when it was made. */
  readonly issuedOn: string
  readonly dueOn?: string | undefined
  /** What to write on a transfer. */
  readonly reference?: string | undefined
  /** The invoice that a credit note gives back from. */
  readonly corrects?: { readonly number: string; readonly issuedOn: string } | undefined
  readonly seller: Seller
  readonly buyer: Buyer
  readonly lines: readonly DocumentLine[]
  /** One for each pair of a rate and a mention that lines have. */
  readonly vat: readonly VatBreakdown[]
  readonly net: string
  readonly vatTotal: string
  readonly total: string
  /** What was allocated to it so far. */
  readonly paid: string
  readonly due: string
  readonly notes: readonly string[]
  readonly paymentTerms?: string | undefined
}

/** `fee`: a call for a membership fee. `receipt`: that a fee was paid. `donation`: the receipt of one. */
export type DocumentKind = 'invoice' | 'credit_note' | 'fee' | 'donation' | 'receipt'
export type Language = 'fr' | 'en'

export interface Party {
  readonly name: string
  readonly address: readonly string[]
  readonly postalCode?: string | undefined
  readonly city?: string | undefined
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly vatId?: string | undefined
  readonly siren?: string | undefined
  readonly email?: string | undefined
}

export interface Seller extends Party {
  /** As the law wants it under the name: `Association loi 1901`. */
  readonly legalForm?: string | undefined
  readonly siret?: string | undefined
  /** The number in a register that is not French, or of an association without SIREN. */
  readonly registration?: string | undefined
  readonly phone?: string | undefined
  readonly website?: string | undefined
  readonly iban?: string | undefined
  readonly bic?: string | undefined
  /** SVG, PNG, JPEG, GIF or WebP. */
  readonly logo?: Uint8Array | undefined
}

export type Buyer = Party

export interface DocumentLine {
  readonly description: string
  /** The calculation, in words. */
  readonly explanation?: string | undefined
  readonly periodFrom?: string | undefined
  /** The last day that belongs to it. */
  readonly periodTo?: string | undefined
  readonly quantity: string
  /** UN/ECE recommendation 20: `C62` one, `MON` month, `DAY` day. */
  readonly unit: string
  readonly unitPrice: string
  readonly net: string
  readonly vatRate: string
  /** Why there is no VAT. */
  readonly vatMention?: string | undefined
}

/**
 * UNTDID 5305: `S` taxed, `Z` taxed with zero, `E` exempt, `AE` the buyer owes the VAT, `O` outside of the scope of VAT. What stands in
 * EN 16931 for other cases (export, intra-community supply of goods) does not happen to a provider of services.
 */
export type VatCategory = 'S' | 'Z' | 'E' | 'AE' | 'O'

export interface VatBreakdown {
  readonly rate: string
  readonly mention?: string | undefined
  readonly base: string
  readonly amount: string
  /** From `vatCategoryOf`. */
  readonly category: VatCategory
}

/** Whether a document is an invoice in the sense of EN 16931, which can be said in CII and UBL: receipts are not, drafts not yet. */
export const isElectronicInvoice = ({ kind, draft }: Pick<InvoiceDocument, 'kind' | 'draft'>): boolean =>
  !draft && (kind === 'invoice' || kind === 'credit_note' || kind === 'fee')

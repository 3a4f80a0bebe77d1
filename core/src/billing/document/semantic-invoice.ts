import type { VatCategory } from './document.ts'

/** An invoice in the terms of EN 16931 (BT and BG are its numbers), from which CII and UBL are written. All texts are clean. */
export interface SemanticInvoice {
  readonly number: string
  readonly isCreditNote: boolean
  /** BT-23. */
  readonly process: string | undefined
  readonly issuedOn: string
  readonly dueOn: string | undefined
  readonly currency: string
  readonly notes: readonly { readonly subject?: string; readonly text: string }[]
  readonly corrects: { readonly number: string; readonly issuedOn: string } | undefined
  readonly seller: SemanticParty & { readonly legalForm: string; readonly phone: string }
  readonly buyer: SemanticParty
  /** BT-83. */
  readonly reference: string
  /** BG-17. */
  readonly transfer: { readonly iban: string; readonly bic: string; readonly name: string } | undefined
  readonly terms: string
  readonly period: Period | undefined
  readonly lines: readonly SemanticLine[]
  readonly vat: readonly {
    readonly category: VatCategory
    readonly rate: string | undefined
    readonly base: string
    readonly amount: string
    readonly reason: string
    readonly code: string | undefined
  }[]
  readonly net: string
  readonly vatTotal: string
  readonly total: string
  readonly paid: string
  readonly due: string
}

export interface SemanticParty {
  readonly name: string
  /** Three at most. */
  readonly address: readonly string[]
  readonly postalCode: string
  readonly city: string
  readonly country: string
  readonly email: string
  /** BT-29: in France the SIRET. */
  readonly identifier: Identifier | undefined
  /** BT-30, BT-47: in France the SIREN. */
  readonly registration: Identifier | undefined
  /** BT-31, BT-48. */
  readonly vatId: string
  /** BT-32, only of a seller without BT-31. */
  readonly taxId: string
}

/** With its scheme in ISO 6523, if it has one. */
export interface Identifier {
  readonly value: string
  readonly scheme?: string
}

export interface Period {
  readonly from: string
  readonly to: string
}

export interface SemanticLine {
  readonly id: string
  readonly name: string
  readonly note: string
  readonly period: Period | undefined
  readonly quantity: string
  readonly unit: string
  readonly price: string
  readonly net: string
  readonly category: VatCategory
  /** None outside of the scope of VAT. */
  readonly rate: string | undefined
}

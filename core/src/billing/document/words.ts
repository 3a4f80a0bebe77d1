import type { DocumentKind, InvoiceDocument, Language } from './document.ts'

/**
 * What a document says by itself, in the reader's language. It stands here and not in `locales`, because a paper has a language of its own,
 * whoever has it made, and the law knows these words.
 */
export interface Words {
  readonly title: Readonly<Record<DocumentKind, string>>
  readonly draft: string
  readonly draftNotice: string
  readonly issuedOn: string
  readonly madeOn: string
  readonly dueOn: string
  readonly reference: string
  readonly to: string
  readonly corrects: string
  readonly description: string
  readonly quantity: string
  readonly unitPrice: string
  readonly vatRate: string
  readonly amount: string
  readonly amountWithoutVat: string
  readonly net: string
  readonly vatOf: string
  readonly vatBase: string
  readonly vatAmount: string
  readonly total: string
  readonly totalWithVat: string
  readonly paid: string
  readonly used: string
  readonly due: string
  readonly credit: string
  readonly howToPay: string
  readonly scanToPay: string
  readonly beneficiary: string
  readonly iban: string
  readonly bic: string
  readonly siren: string
  readonly siret: string
  readonly registration: string
  readonly vatId: string
  readonly page: string
  readonly continued: string
  /** By their code, for one and for several. */
  readonly units: Readonly<Record<string, readonly [one: string, other: string]>>
  readonly outsideVat: string
  readonly onReceipt: string
  readonly creditTerms: string
  readonly donationThanks: string
  readonly receiptThanks: string
  readonly penalties: string
  readonly recovery: string
  readonly discount: string
}

/** `{{name}}` stands for a value. */
export const words: Readonly<Record<Language, Words>> = {
  en: {
    title: { invoice: 'Invoice', credit_note: 'Credit note', fee: 'Membership fee', donation: 'Donation receipt', receipt: 'Receipt' },
    draft: 'DRAFT',
    draftNotice: 'Draft, not an invoice yet',
    issuedOn: 'Issued on',
    madeOn: 'Date',
    dueOn: 'Due on',
    reference: 'Reference',
    to: 'To',
    corrects: 'This credit note corrects invoice {{number}} of {{date}}.',
    description: 'Description',
    quantity: 'Quantity',
    unitPrice: 'Unit price',
    vatRate: 'VAT',
    amount: 'Amount',
    amountWithoutVat: 'Amount without VAT',
    net: 'Total without VAT',
    vatOf: 'VAT',
    vatBase: 'on',
    vatAmount: 'Total VAT',
    total: 'Total',
    totalWithVat: 'Total with VAT',
    paid: 'Already paid',
    used: 'Already used',
    due: 'To pay',
    credit: 'In your favour',
    howToPay: 'How to pay',
    scanToPay: 'Or scan this with your bank’s app',
    beneficiary: 'Beneficiary',
    iban: 'IBAN',
    bic: 'BIC',
    siren: 'SIREN',
    siret: 'SIRET',
    registration: 'Registration',
    vatId: 'VAT number',
    page: 'Page {{page}} of {{pages}}',
    continued: 'continued',
    units: { MON: ['month', 'months'], DAY: ['day', 'days'], HUR: ['hour', 'hours'], E34: ['GB', 'GB'], ANN: ['year', 'years'] },
    outsideVat: 'Outside the scope of VAT',
    onReceipt: 'Due on receipt.',
    creditTerms: 'Set against what you owe, or paid back to you.',
    donationThanks: 'We have received this donation, for which nothing was given in return. Thank you.',
    receiptThanks: 'We have received this payment. Thank you.',
    penalties: 'Late payment: three times the French legal interest rate per year.',
    recovery: 'Fixed compensation for recovery costs: €40.',
    discount: 'No discount for early payment.',
  },
  fr: {
    title: { invoice: 'Facture', credit_note: 'Avoir', fee: 'Appel de cotisation', donation: 'Reçu de don', receipt: 'Reçu' },
    draft: 'BROUILLON',
    draftNotice: 'Brouillon, sans valeur de facture',
    issuedOn: 'Émise le',
    madeOn: 'Date',
    dueOn: 'Échéance',
    reference: 'Référence',
    to: 'À',
    corrects: 'Cet avoir corrige la facture {{number}} du {{date}}.',
    description: 'Désignation',
    quantity: 'Quantité',
    unitPrice: 'Prix unitaire',
    vatRate: 'TVA',
    amount: 'Montant',
    amountWithoutVat: 'Montant HT',
    net: 'Total HT',
    vatOf: 'TVA',
    vatBase: 'sur',
    vatAmount: 'Total TVA',
    total: 'Total',
    totalWithVat: 'Total TTC',
    paid: 'Déjà payé',
    used: 'Déjà utilisé',
    due: 'À payer',
    credit: 'En votre faveur',
    howToPay: 'Comment payer',
    scanToPay: 'Ou scannez ce code avec l’application de votre banque',
    beneficiary: 'Bénéficiaire',
    iban: 'IBAN',
    bic: 'BIC',
    siren: 'SIREN',
    siret: 'SIRET',
    registration: 'Immatriculation',
    vatId: 'TVA intracommunautaire',
    page: 'Page {{page}} sur {{pages}}',
    continued: 'suite',
    units: { MON: ['mois', 'mois'], DAY: ['jour', 'jours'], HUR: ['heure', 'heures'], E34: ['Go', 'Go'], ANN: ['an', 'ans'] },
    outsideVat: 'Hors du champ d’application de la TVA',
    onReceipt: 'À payer dès réception.',
    creditTerms: 'À valoir sur ce que vous devez, ou remboursé.',
    donationThanks: 'Nous avons reçu ce don, fait sans contrepartie. Merci.',
    receiptThanks: 'Nous avons reçu ce paiement. Merci.',
    penalties: 'Pénalités de retard\u00a0: trois fois le taux d’intérêt légal.',
    recovery: 'Indemnité forfaitaire pour frais de recouvrement\u00a0: 40\u00a0€.',
    discount: 'Pas d’escompte pour paiement anticipé.',
  },
}

/** Whether the law on dealings between businesses applies: a French seller and a buyer with a number of its own. */
export const isBusiness = ({ seller, buyer, kind }: InvoiceDocument): boolean =>
  seller.country === 'FR' && Boolean(buyer.siren || buyer.vatId) && (kind === 'invoice' || kind === 'credit_note')

/** What article L441-9 of the French commercial code wants on an invoice to a business, each with its subject in UNTDID 4451. */
export const businessNotes = (language: Language): { subject: string; text: string }[] => [
  { subject: 'PMD', text: words[language].penalties },
  { subject: 'PMT', text: words[language].recovery },
  { subject: 'AAB', text: words[language].discount },
]

export const withValues = (sentence: string, values: Readonly<Record<string, string>>): string =>
  sentence.replace(/\{\{(\w+)\}\}/g, (all, name: string) => values[name] ?? all)

import type { InvoiceDocument } from './document.ts'
import { semanticInvoice } from './semantic.ts'
import type { Identifier, Period, SemanticInvoice, SemanticLine, SemanticParty } from './semantic-invoice.ts'
import { element, leaf, type Xml, xmlFile } from './xml.ts'

/** The invoice as OASIS UBL 2.1, an Invoice or a CreditNote, profile EN 16931. */
export function renderUbl(document: InvoiceDocument): string {
  const invoice = semanticInvoice(document)
  const root = invoice.isCreditNote ? 'CreditNote' : 'Invoice'
  const money = moneyIn(invoice.currency)
  const common = [
    leaf('cbc:CustomizationID', 'urn:cen.eu:en16931:2017'),
    leaf('cbc:ProfileID', invoice.process),
    leaf('cbc:ID', invoice.number),
    leaf('cbc:IssueDate', invoice.issuedOn),
    !invoice.isCreditNote && leaf('cbc:DueDate', invoice.dueOn),
    leaf(`cbc:${root}TypeCode`, invoice.isCreditNote ? '381' : '380'),
    note(invoice),
    leaf('cbc:DocumentCurrencyCode', invoice.currency),
    period(invoice.period),
    invoice.corrects &&
      element(
        'cac:BillingReference',
        element('cac:InvoiceDocumentReference', [
          leaf('cbc:ID', invoice.corrects.number),
          leaf('cbc:IssueDate', invoice.corrects.issuedOn),
        ]),
      ),
    element('cac:AccountingSupplierParty', element('cac:Party', party(invoice.seller, invoice.seller))),
    element('cac:AccountingCustomerParty', element('cac:Party', party(invoice.buyer))),
    paymentMeans(invoice),
    element('cac:PaymentTerms', leaf('cbc:Note', invoice.terms)),
    element('cac:TaxTotal', [
      money('TaxAmount', invoice.vatTotal),
      invoice.vat.map(each =>
        element('cac:TaxSubtotal', [
          money('TaxableAmount', each.base),
          money('TaxAmount', each.amount),
          element('cac:TaxCategory', [
            leaf('cbc:ID', each.category),
            leaf('cbc:Percent', each.rate),
            leaf('cbc:TaxExemptionReasonCode', each.code),
            leaf('cbc:TaxExemptionReason', each.reason),
            vatScheme,
          ]),
        ]),
      ),
    ]),
    element('cac:LegalMonetaryTotal', [
      money('LineExtensionAmount', invoice.net),
      money('TaxExclusiveAmount', invoice.net),
      money('TaxInclusiveAmount', invoice.total),
      money('PrepaidAmount', invoice.paid),
      money('PayableAmount', invoice.due),
    ]),
    invoice.lines.map(each => line(each, invoice)),
  ]
  return xmlFile(root, namespaces(root), common)
}

const namespaces = (root: string) => ({
  xmlns: `urn:oasis:names:specification:ubl:schema:xsd:${root}-2`,
  'xmlns:cac': 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2',
  'xmlns:cbc': 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2',
})

const vatScheme = element('cac:TaxScheme', leaf('cbc:ID', 'VAT'))

const moneyIn = (currency: string) => (name: string, amount: string) => leaf(`cbc:${name}`, amount, { currencyID: currency })

/** UBL takes one note for all: subjects stand in it between hashes. */
const note = ({ notes }: SemanticInvoice) =>
  leaf('cbc:Note', notes.map(({ subject, text }) => (subject ? `#${subject}#${text}` : text)).join('\n'))

const identifier = (name: string, id: Identifier | undefined) => leaf(name, id?.value, { schemeID: id?.scheme })

const period = (days: Period | undefined) =>
  element('cac:InvoicePeriod', days && [leaf('cbc:StartDate', days.from), leaf('cbc:EndDate', days.to)])

function party(one: SemanticParty, seller?: SemanticInvoice['seller']): (Xml | undefined)[] {
  const [street, additional, third] = one.address
  return [
    leaf('cbc:EndpointID', one.email, { schemeID: 'EM' }),
    element('cac:PartyIdentification', identifier('cbc:ID', one.identifier)),
    element('cac:PostalAddress', [
      leaf('cbc:StreetName', street),
      leaf('cbc:AdditionalStreetName', additional),
      leaf('cbc:CityName', one.city),
      leaf('cbc:PostalZone', one.postalCode),
      element('cac:AddressLine', leaf('cbc:Line', third)),
      element('cac:Country', leaf('cbc:IdentificationCode', one.country)),
    ]),
    one.vatId ? element('cac:PartyTaxScheme', [leaf('cbc:CompanyID', one.vatId), vatScheme]) : undefined,
    one.taxId
      ? element('cac:PartyTaxScheme', [leaf('cbc:CompanyID', one.taxId), element('cac:TaxScheme', leaf('cbc:ID', 'FC'))])
      : undefined,
    element('cac:PartyLegalEntity', [
      leaf('cbc:RegistrationName', one.name),
      identifier('cbc:CompanyID', one.registration),
      leaf('cbc:CompanyLegalForm', seller?.legalForm),
    ]),
    seller && (seller.phone || seller.email)
      ? element('cac:Contact', [
          leaf('cbc:Name', seller.name),
          leaf('cbc:Telephone', seller.phone),
          leaf('cbc:ElectronicMail', seller.email),
        ])
      : undefined,
  ]
}

/** Means 58 is a SEPA credit transfer. */
const paymentMeans = ({ transfer, reference }: SemanticInvoice) =>
  transfer &&
  element('cac:PaymentMeans', [
    leaf('cbc:PaymentMeansCode', '58'),
    leaf('cbc:PaymentID', reference),
    element('cac:PayeeFinancialAccount', [
      leaf('cbc:ID', transfer.iban),
      leaf('cbc:Name', transfer.name),
      element('cac:FinancialInstitutionBranch', leaf('cbc:ID', transfer.bic)),
    ]),
  ])

function line(each: SemanticLine, { isCreditNote, currency }: SemanticInvoice): Xml | undefined {
  const name = isCreditNote ? 'Credit' : 'Invoic'
  const money = moneyIn(currency)
  return element(isCreditNote ? 'cac:CreditNoteLine' : 'cac:InvoiceLine', [
    leaf('cbc:ID', each.id),
    leaf('cbc:Note', each.note),
    leaf(`cbc:${name}edQuantity`, each.quantity, { unitCode: each.unit }),
    money('LineExtensionAmount', each.net),
    period(each.period),
    element('cac:Item', [
      leaf('cbc:Name', each.name),
      element('cac:ClassifiedTaxCategory', [leaf('cbc:ID', each.category), leaf('cbc:Percent', each.rate), vatScheme]),
    ]),
    element('cac:Price', money('PriceAmount', each.price)),
  ])
}

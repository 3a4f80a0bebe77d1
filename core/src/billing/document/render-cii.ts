import type { InvoiceDocument } from './document.ts'
import { semanticInvoice } from './semantic.ts'
import type { Identifier, Period, SemanticInvoice, SemanticLine, SemanticParty } from './semantic-invoice.ts'
import { element, emptyElement, leaf, type Xml, xmlFile } from './xml.ts'

/** The invoice as UN/CEFACT Cross Industry Invoice (D16B, which D22B still reads), profile EN 16931: what a Factur-X file carries. */
export function renderCii(document: InvoiceDocument): string {
  const invoice = semanticInvoice(document)
  return xmlFile('rsm:CrossIndustryInvoice', namespaces, [
    element('rsm:ExchangedDocumentContext', [
      element('ram:BusinessProcessSpecifiedDocumentContextParameter', leaf('ram:ID', invoice.process)),
      element('ram:GuidelineSpecifiedDocumentContextParameter', leaf('ram:ID', 'urn:cen.eu:en16931:2017')),
    ]),
    element('rsm:ExchangedDocument', [
      leaf('ram:ID', invoice.number),
      leaf('ram:TypeCode', invoice.isCreditNote ? '381' : '380'),
      element('ram:IssueDateTime', day('udt:DateTimeString', invoice.issuedOn)),
      invoice.notes.map(note => element('ram:IncludedNote', [leaf('ram:Content', note.text), leaf('ram:SubjectCode', note.subject)])),
    ]),
    element('rsm:SupplyChainTradeTransaction', [
      invoice.lines.map(line),
      element('ram:ApplicableHeaderTradeAgreement', [
        element('ram:SellerTradeParty', party(invoice.seller, invoice.seller)),
        element('ram:BuyerTradeParty', party(invoice.buyer)),
      ]),
      emptyElement('ram:ApplicableHeaderTradeDelivery'),
      element('ram:ApplicableHeaderTradeSettlement', settlement(invoice)),
    ]),
  ])
}

const namespaces = {
  'xmlns:rsm': 'urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100',
  'xmlns:ram': 'urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100',
  'xmlns:qdt': 'urn:un:unece:uncefact:data:standard:QualifiedDataType:100',
  'xmlns:udt': 'urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100',
}

/** Format 102 is a day without separators. */
const day = (name: string, date: string) => leaf(name, date.replaceAll('-', ''), { format: '102' })

const identifier = (name: string, id: Identifier | undefined) => leaf(name, id?.value, { schemeID: id?.scheme })

const period = (days: Period | undefined) =>
  element(
    'ram:BillingSpecifiedPeriod',
    days && [
      element('ram:StartDateTime', day('udt:DateTimeString', days.from)),
      element('ram:EndDateTime', day('udt:DateTimeString', days.to)),
    ],
  )

const line = (each: SemanticLine) =>
  element('ram:IncludedSupplyChainTradeLineItem', [
    element('ram:AssociatedDocumentLineDocument', [
      leaf('ram:LineID', each.id),
      element('ram:IncludedNote', leaf('ram:Content', each.note)),
    ]),
    element('ram:SpecifiedTradeProduct', leaf('ram:Name', each.name)),
    element('ram:SpecifiedLineTradeAgreement', element('ram:NetPriceProductTradePrice', leaf('ram:ChargeAmount', each.price))),
    element('ram:SpecifiedLineTradeDelivery', leaf('ram:BilledQuantity', each.quantity, { unitCode: each.unit })),
    element('ram:SpecifiedLineTradeSettlement', [
      element('ram:ApplicableTradeTax', [
        leaf('ram:TypeCode', 'VAT'),
        leaf('ram:CategoryCode', each.category),
        leaf('ram:RateApplicablePercent', each.rate),
      ]),
      period(each.period),
      element('ram:SpecifiedTradeSettlementLineMonetarySummation', leaf('ram:LineTotalAmount', each.net)),
    ]),
  ])

/** The contact (BG-6) and the legal form (BT-33) are the seller's. */
function party(one: SemanticParty, seller?: SemanticInvoice['seller']): (Xml | undefined)[] {
  const [lineOne, lineTwo, lineThree] = one.address
  return [
    identifier('ram:GlobalID', one.identifier),
    leaf('ram:Name', one.name),
    leaf('ram:Description', seller?.legalForm),
    element('ram:SpecifiedLegalOrganization', identifier('ram:ID', one.registration)),
    seller &&
      (seller.phone || seller.email) &&
      element('ram:DefinedTradeContact', [
        leaf('ram:PersonName', seller.name),
        element('ram:TelephoneUniversalCommunication', leaf('ram:CompleteNumber', seller.phone)),
        element('ram:EmailURIUniversalCommunication', leaf('ram:URIID', seller.email)),
      ]),
    element('ram:PostalTradeAddress', [
      leaf('ram:PostcodeCode', one.postalCode),
      leaf('ram:LineOne', lineOne),
      leaf('ram:LineTwo', lineTwo),
      leaf('ram:LineThree', lineThree),
      leaf('ram:CityName', one.city),
      leaf('ram:CountryID', one.country),
    ]),
    element('ram:URIUniversalCommunication', leaf('ram:URIID', one.email, { schemeID: 'EM' })),
    element('ram:SpecifiedTaxRegistration', leaf('ram:ID', one.vatId, { schemeID: 'VA' })),
    element('ram:SpecifiedTaxRegistration', leaf('ram:ID', one.taxId, { schemeID: 'FC' })),
  ].map(each => each || undefined)
}

/** Means 58 is a SEPA credit transfer. */
const settlement = (invoice: SemanticInvoice) => [
  leaf('ram:PaymentReference', invoice.reference),
  leaf('ram:InvoiceCurrencyCode', invoice.currency),
  invoice.transfer &&
    element('ram:SpecifiedTradeSettlementPaymentMeans', [
      leaf('ram:TypeCode', '58'),
      element('ram:PayeePartyCreditorFinancialAccount', [
        leaf('ram:IBANID', invoice.transfer.iban),
        leaf('ram:AccountName', invoice.transfer.name),
      ]),
      element('ram:PayeeSpecifiedCreditorFinancialInstitution', leaf('ram:BICID', invoice.transfer.bic)),
    ]),
  invoice.vat.map(each =>
    element('ram:ApplicableTradeTax', [
      leaf('ram:CalculatedAmount', each.amount),
      leaf('ram:TypeCode', 'VAT'),
      leaf('ram:ExemptionReason', each.reason),
      leaf('ram:BasisAmount', each.base),
      leaf('ram:CategoryCode', each.category),
      leaf('ram:ExemptionReasonCode', each.code),
      leaf('ram:RateApplicablePercent', each.rate),
    ]),
  ),
  period(invoice.period),
  element('ram:SpecifiedTradePaymentTerms', [
    leaf('ram:Description', invoice.terms),
    element('ram:DueDateDateTime', invoice.dueOn !== undefined && day('udt:DateTimeString', invoice.dueOn)),
  ]),
  element('ram:SpecifiedTradeSettlementHeaderMonetarySummation', [
    leaf('ram:LineTotalAmount', invoice.net),
    leaf('ram:TaxBasisTotalAmount', invoice.net),
    leaf('ram:TaxTotalAmount', invoice.vatTotal, { currencyID: invoice.currency }),
    leaf('ram:GrandTotalAmount', invoice.total),
    leaf('ram:TotalPrepaidAmount', invoice.paid),
    leaf('ram:DuePayableAmount', invoice.due),
  ]),
  invoice.corrects &&
    element('ram:InvoiceReferencedDocument', [
      leaf('ram:IssuerAssignedID', invoice.corrects.number),
      element('ram:FormattedIssueDateTime', day('qdt:DateTimeString', invoice.corrects.issuedOn)),
    ]),
]

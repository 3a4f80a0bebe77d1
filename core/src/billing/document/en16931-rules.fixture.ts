import Big from 'big.js'
import type { Tree } from './reference.fixture.ts'

/**
 * Recomputes the rules of EN 16931 that a CII file of ours can break, from the file alone, and says which are broken. It is no Schematron:
 * what stands for sums, VAT categories and compulsory terms is written out here a second time.
 */
export function brokenRules(invoice: Tree): string[] {
  const header = one(invoice, 'rsm:SupplyChainTradeTransaction')
  const document = one(invoice, 'rsm:ExchangedDocument')
  const settlement = one(header, 'ram:ApplicableHeaderTradeSettlement')
  const sums = one(settlement, 'ram:SpecifiedTradeSettlementHeaderMonetarySummation')
  const lines = all(header, 'ram:IncludedSupplyChainTradeLineItem')
  const breakdowns = all(settlement, 'ram:ApplicableTradeTax').map(vatOf)
  const agreement = one(header, 'ram:ApplicableHeaderTradeAgreement')
  const seller = one(agreement, 'ram:SellerTradeParty')
  const buyer = one(agreement, 'ram:BuyerTradeParty')
  const amount = (name: string) => new Big(text(one(sums, `ram:${name}`)) || '0')
  const nets = lines.map(lineOf)
  const terms = one(settlement, 'ram:SpecifiedTradePaymentTerms')
  const sellerIds = all(seller, 'ram:SpecifiedTaxRegistration').map(each => text(one(each, 'ram:ID')))
  const vatIdOf = (party: Tree | undefined) =>
    all(party, 'ram:SpecifiedTaxRegistration').some(each => one(each, 'ram:ID')?.[1].schemeID === 'VA')
  const categories = new Set([...nets, ...breakdowns].map(({ category }) => category))
  const means = one(settlement, 'ram:SpecifiedTradeSettlementPaymentMeans')
  const exempt = breakdowns.filter(({ category }) => category !== 'S')

  return Object.entries({
    'BR-01': text(one(one(invoice, 'rsm:ExchangedDocumentContext'), 'ram:GuidelineSpecifiedDocumentContextParameter'), 'ram:ID') !== '',
    'BR-02': text(document, 'ram:ID') !== '',
    'BR-03': /^\d{8}$/.test(text(one(document, 'ram:IssueDateTime'), 'udt:DateTimeString')),
    'BR-04': ['380', '381'].includes(text(document, 'ram:TypeCode')),
    'BR-05': /^[A-Z]{3}$/.test(text(settlement, 'ram:InvoiceCurrencyCode')),
    'BR-06': text(seller, 'ram:Name') !== '',
    'BR-07': text(buyer, 'ram:Name') !== '',
    'BR-09': /^[A-Z]{2}$/.test(text(one(seller, 'ram:PostalTradeAddress'), 'ram:CountryID')),
    'BR-11': /^[A-Z]{2}$/.test(text(one(buyer, 'ram:PostalTradeAddress'), 'ram:CountryID')),
    'BR-16': lines.length > 0,
    'BR-21': lines.every(line => text(one(line, 'ram:AssociatedDocumentLineDocument'), 'ram:LineID') !== ''),
    'BR-22, BR-23, BR-24, BR-25, BR-26': nets.every(({ quantity, unit, net, name, price }) =>
      [quantity, unit, net, name, price].every(Boolean),
    ),
    'BR-27': nets.every(({ price }) => new Big(price).gte(0)),
    'BR-29, BR-30': [settlement, ...lines.map(line => one(line, 'ram:SpecifiedLineTradeSettlement'))].every(isPeriodForward),
    'BR-50': !means || text(one(means, 'ram:PayeePartyCreditorFinancialAccount'), 'ram:IBANID') !== '',
    'BR-55': all(settlement, 'ram:InvoiceReferencedDocument').every(each => text(each, 'ram:IssuerAssignedID') !== ''),
    'BR-CO-04': nets.every(({ category }) => category !== ''),
    'BR-CO-10': amount('LineTotalAmount').eq(sum(nets.map(({ net }) => net))),
    'BR-CO-13': amount('TaxBasisTotalAmount').eq(amount('LineTotalAmount')),
    'BR-CO-14': amount('TaxTotalAmount').eq(sum(breakdowns.map(each => each.amount))),
    'BR-CO-15': amount('GrandTotalAmount').eq(amount('TaxBasisTotalAmount').plus(amount('TaxTotalAmount'))),
    'BR-CO-16': amount('DuePayableAmount').eq(amount('GrandTotalAmount').minus(amount('TotalPrepaidAmount'))),
    'BR-CO-17': breakdowns.every(each =>
      new Big(each.base)
        .times(each.rate || '0')
        .div(100)
        .round(2, Big.roundHalfUp)
        .eq(each.amount),
    ),
    'BR-CO-18': breakdowns.length > 0,
    'BR-CO-25':
      amount('DuePayableAmount').lte(0) || text(terms, 'ram:Description') !== '' || one(terms, 'ram:DueDateDateTime') !== undefined,
    'BR-CO-26': Boolean(one(seller, 'ram:GlobalID') ?? one(seller, 'ram:SpecifiedLegalOrganization')) || vatIdOf(seller),
    'BR-48': breakdowns.every(({ category, rate }) => category === 'O' || rate !== ''),
    // the same for each category: BR-S, BR-Z, BR-E, BR-AE, BR-O
    'BR-x-01':
      new Set(breakdowns.map(({ category, rate }) => `${category} ${category === 'S' ? new Big(rate).toFixed() : ''}`)).size ===
      breakdowns.length,
    'BR-x-02': categories.has('O') || sellerIds.length > 0,
    'BR-x-05': nets.every(({ category, rate }) =>
      category === 'O' ? rate === '' : category === 'S' ? Number(rate) > 0 : Number(rate) === 0 && rate !== '',
    ),
    'BR-x-08': breakdowns.every(each =>
      sum(nets.flatMap(({ category, rate, net }) => (category === each.category && Number(rate) === Number(each.rate) ? [net] : []))).eq(
        each.base,
      ),
    ),
    'BR-x-09': exempt.every(each => Number(each.amount) === 0),
    'BR-x-10': breakdowns.every(({ category, reason }) => (category === 'S' || category === 'Z') === (reason === '')),
    'BR-O-02': !categories.has('O') || !(vatIdOf(seller) || vatIdOf(buyer)),
    'BR-O-11, BR-O-12': !categories.has('O') || categories.size === 1,
    'BR-DEC':
      [...(sums?.[2] ?? [])].every(each => typeof each === 'string' || decimals(text(each)) <= 2) &&
      nets.every(({ net }) => decimals(net) <= 2),
  }).flatMap(([rule, holds]) => (holds ? [] : [rule]))
}

/** The first element of that name in another; undefined if there is none. */
export const one = (tree: Tree | undefined, name: string): Tree | undefined => all(tree, name)[0]

export const all = (tree: Tree | undefined, name: string): readonly Tree[] =>
  tree && typeof tree[2] !== 'string' ? tree[2].filter(child => child[0] === name) : []

/** The text of an element, or of one in it. */
export const text = (tree: Tree | undefined, name?: string): string => {
  const found = name === undefined ? tree : one(tree, name)
  return typeof found?.[2] === 'string' ? found[2] : ''
}

const vatOf = (tax: Tree) => ({
  category: text(tax, 'ram:CategoryCode'),
  rate: text(tax, 'ram:RateApplicablePercent'),
  base: text(tax, 'ram:BasisAmount'),
  amount: text(tax, 'ram:CalculatedAmount'),
  reason: text(tax, 'ram:ExemptionReason') + text(tax, 'ram:ExemptionReasonCode'),
})

function lineOf(line: Tree) {
  const settlement = one(line, 'ram:SpecifiedLineTradeSettlement')
  const quantity = one(one(line, 'ram:SpecifiedLineTradeDelivery'), 'ram:BilledQuantity')
  const tax = one(settlement, 'ram:ApplicableTradeTax')
  return {
    name: text(one(line, 'ram:SpecifiedTradeProduct'), 'ram:Name'),
    price: text(one(one(line, 'ram:SpecifiedLineTradeAgreement'), 'ram:NetPriceProductTradePrice'), 'ram:ChargeAmount'),
    quantity: text(quantity),
    unit: quantity?.[1].unitCode ?? '',
    net: text(one(settlement, 'ram:SpecifiedTradeSettlementLineMonetarySummation'), 'ram:LineTotalAmount'),
    category: text(tax, 'ram:CategoryCode'),
    rate: text(tax, 'ram:RateApplicablePercent'),
  }
}

function isPeriodForward(tree: Tree | undefined): boolean {
  const period = one(tree, 'ram:BillingSpecifiedPeriod')
  const [from, to] = ['ram:StartDateTime', 'ram:EndDateTime'].map(name => text(one(period, name), 'udt:DateTimeString'))
  return !period || String(from) <= String(to)
}

const sum = (amounts: readonly string[]) => amounts.reduce((total, each) => total.plus(each), new Big(0))
const decimals = (amount: string) => amount.split('.')[1]?.length ?? 0

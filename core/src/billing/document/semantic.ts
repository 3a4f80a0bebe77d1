import Big from 'big.js'
import { CoinError } from '../../errors.ts'
import { cleanLine, cleanText } from './clean-text.ts'
import { type Buyer, type InvoiceDocument, isElectronicInvoice, type Seller, type VatBreakdown, type VatCategory } from './document.ts'
import type { Period, SemanticInvoice, SemanticLine, SemanticParty } from './semantic-invoice.ts'
import { exemptionCode } from './vat-category.ts'
import { businessNotes, isBusiness, words } from './words.ts'

/** Says an invoice in the terms of the standard. What is missing for that, and is for people to fill in, is refused with its name. */
export function semanticInvoice(document: InvoiceDocument): SemanticInvoice {
  if (!isElectronicInvoice(document))
    throw new CoinError('refused', 'Only issued invoices, credit notes and calls for fees have an electronic form.')
  const { seller, buyer, currency } = document
  const isCreditNote = document.kind === 'credit_note'
  const turn = (amount: string) => (isCreditNote ? new Big(amount).neg() : new Big(amount))
  const money = (amount: string) => unsigned(turn(amount).toFixed(2))
  const due = money(document.due)
  const outside = document.vat.length > 0 && document.vat.every(({ category }) => category === 'O')
  const parties = { seller: sellerOf(seller, outside), buyer: buyerOf(buyer, outside) }
  return {
    number: cleanLine(document.number),
    isCreditNote,
    process: seller.country === 'FR' ? (new Big(due).lte(0) ? 'S2' : 'S1') : undefined,
    issuedOn: document.issuedOn,
    dueOn: isCreditNote ? undefined : document.dueOn,
    currency,
    notes: [
      ...document.notes
        .map(cleanText)
        .filter(Boolean)
        .map(text => ({ text })),
      ...(isBusiness(document) && !isCreditNote ? businessNotes(document.language) : []),
    ],
    corrects: document.corrects,
    ...parties,
    reference: isCreditNote ? '' : cleanLine(document.reference ?? ''),
    transfer:
      seller.iban && !isCreditNote
        ? { iban: compact(seller.iban), bic: compact(seller.bic ?? ''), name: cleanLine(seller.name) }
        : undefined,
    terms:
      cleanText(document.paymentTerms ?? '') ||
      (isCreditNote ? words[document.language].creditTerms : document.dueOn ? '' : words[document.language].onReceipt),
    period: wholePeriod(document),
    lines: document.lines.map((line, index) => {
      const row = breakdownOf(document, line)
      const category = categoryIn(document, row)
      return {
        id: String(index + 1),
        name: cleanLine(line.description) || '–',
        note: cleanText(line.explanation ?? ''),
        period: line.periodFrom && line.periodTo ? { from: line.periodFrom, to: line.periodTo } : undefined,
        unit: /^[A-Z0-9]{2,3}$/.test(line.unit) ? line.unit : 'C62',
        ...priced(turn(line.quantity), new Big(line.unitPrice), turn(line.net)),
        category,
        rate: rateIn(category, row.rate),
      }
    }),
    vat: vatGroups(document).map(({ rows, category, rate }) => {
      const reasons = new Set(
        category === 'S' || category === 'Z' ? [] : rows.map(row => cleanLine(row.mention ?? '') || words[document.language].outsideVat),
      )
      const codes = new Set([...reasons].map(reason => exemptionCode(category, reason)))
      return {
        category,
        rate: rateIn(category, rate),
        base: money(sum(rows.map(({ base }) => base))),
        amount: money(sum(rows.map(({ amount }) => amount))),
        reason: [...reasons].join(' – '),
        code: codes.size === 1 ? [...codes][0] : undefined,
      }
    }),
    net: money(document.net),
    vatTotal: money(document.vatTotal),
    total: money(document.total),
    paid: money(document.paid),
    due,
  }
}

/**
 * Quantity and price of a line. A price is never negative (BR-27), so the quantity carries the sign; where their product is not what the line
 * costs, because of a discount, the line says one piece at that price, and its note says how it comes about.
 */
function priced(quantity: Big, unitPrice: Big, net: Big): Pick<SemanticLine, 'quantity' | 'price' | 'net'> {
  const signed = unitPrice.lt(0) ? quantity.neg() : quantity
  const price = unitPrice.abs()
  const fits = signed.times(price).round(2, Big.roundHalfUp).eq(net) && !signed.eq(0)
  const shown = fits
    ? { quantity: signed.toFixed(), price: price.toFixed() }
    : { quantity: net.lt(0) ? '-1' : '1', price: net.abs().toFixed() }
  return { ...shown, net: unsigned(net.toFixed(2)) }
}

function breakdownOf(document: InvoiceDocument, line: InvoiceDocument['lines'][number]): VatBreakdown {
  const mention = line.vatMention ?? ''
  const found = document.vat.find(each => new Big(each.rate).eq(line.vatRate) && (each.mention ?? '') === mention)
  if (!found) throw new Error(`Invoice ${document.number} breaks down no VAT of ${line.vatRate} % with the mention “${mention}”.`)
  return found
}

/** One for each category and rate, as the standard wants it (BR-S-01, BR-E-01), whatever the mentions. */
function vatGroups(document: InvoiceDocument): { category: VatCategory; rate: string; rows: VatBreakdown[] }[] {
  const groups = Map.groupBy(document.vat, row => `${categoryIn(document, row)} ${new Big(row.rate).toFixed(2)}`)
  return [...groups].map(([key, rows]) => {
    const [category = 'S', rate = '0'] = key.split(' ')
    return { category: category as VatCategory, rate, rows }
  })
}

/** `O` bears nothing else beside it (BR-O-11): what is outside of the scope of VAT is then said to be exempt, for the reason that it is outside. */
const categoryIn = ({ vat }: InvoiceDocument, { category }: VatBreakdown): VatCategory =>
  category === 'O' && vat.some(other => other.category !== 'O') ? 'E' : category

function sellerOf(seller: Seller, outside: boolean): SemanticInvoice['seller'] {
  const siren = compact(seller.siren ?? '') || compact(seller.siret ?? '').slice(0, 9)
  const registered = siren || cleanLine(seller.registration ?? '')
  if (!registered && !seller.vatId)
    throw new CoinError('refused', 'An electronic invoice needs the SIREN, another registration or the VAT number of who makes it.', {
      hint: 'Give `siren` or `vatId` in the provider’s `identity` in coin.config.ts.',
    })
  const vatId = outside ? '' : compact(seller.vatId ?? '')
  return {
    ...partyOf(seller),
    identifier: seller.siret ? { value: compact(seller.siret), scheme: '0009' } : undefined,
    registration: siren ? { value: siren, scheme: '0002' } : registered ? { value: registered } : undefined,
    vatId,
    taxId: vatId ? '' : registered,
    legalForm: cleanLine(seller.legalForm ?? ''),
    phone: cleanLine(seller.phone ?? ''),
  }
}

function buyerOf(buyer: Buyer, outside: boolean): SemanticParty {
  return {
    ...partyOf(buyer),
    identifier: undefined,
    registration: buyer.siren ? { value: compact(buyer.siren), scheme: '0002' } : undefined,
    vatId: outside ? '' : compact(buyer.vatId ?? ''),
    taxId: '',
  }
}

function partyOf(party: Buyer): Pick<SemanticParty, 'name' | 'address' | 'postalCode' | 'city' | 'country' | 'email'> {
  const lines = party.address
    .flatMap(line => cleanText(line).split('\n'))
    .map(cleanLine)
    .filter(Boolean)
  return {
    name: cleanLine(party.name) || '–',
    address: lines.length > 3 ? [...lines.slice(0, 2), lines.slice(2).join(', ')] : lines,
    postalCode: cleanLine(party.postalCode ?? ''),
    city: cleanLine(party.city ?? ''),
    country: party.country,
    email: cleanLine(party.email ?? ''),
  }
}

function wholePeriod({ lines }: InvoiceDocument): Period | undefined {
  const from = lines.flatMap(line => (line.periodFrom && line.periodTo ? [line.periodFrom] : [])).sort()[0]
  const to = lines
    .flatMap(line => (line.periodFrom && line.periodTo ? [line.periodTo] : []))
    .sort()
    .at(-1)
  return from && to ? { from, to } : undefined
}

const rateIn = (category: VatCategory, rate: string) => (category === 'O' ? undefined : new Big(rate).toFixed(2))
const sum = (amounts: readonly string[]) => amounts.reduce((all, each) => all.plus(each), new Big(0)).toFixed()
const unsigned = (amount: string) => (/^-0*\.?0*$/.test(amount) ? amount.slice(1) : amount)
const compact = (text: string) => cleanLine(text).replace(/\s/g, '')

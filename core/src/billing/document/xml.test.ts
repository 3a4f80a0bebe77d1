import Big from 'big.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InvoiceDocument } from './document.ts'
import { all, brokenRules, one, text } from './en16931-rules.fixture.ts'
import { creditNote, documentOf, exempt, lineOf, seller, taxed } from './examples.fixture.ts'
import { byReference, type Tree, treeOf } from './reference.fixture.ts'
import { renderCii } from './render-cii.ts'
import { renderUbl } from './render-ubl.ts'
import { vatCategoryOf } from './vat-category.ts'

const invoice = documentOf()
const privately: InvoiceDocument = { ...taxed, buyer: invoice.buyer }
const fee = documentOf({
  kind: 'fee',
  lines: [lineOf({ description: 'Cotisation 2026', vatMention: '', unitPrice: '15.00', net: '15.00' })],
})

describe('what the reference library reads in our UBL', () => {
  const cases = {
    'an exempt invoice': invoice,
    'a credit note': creditNote,
    'an invoice with two rates of VAT': privately,
    'a call for a fee': fee,
  }
  for (const [title, document] of Object.entries(cases)) {
    test(`${title}: it writes the same UBL`, async () => {
      const ubl = renderUbl(document)
      expect(treeOf(await byReference(ubl, 'UBL'))).toEqual(treeOf(ubl))
    })

    test(`${title}: it writes our CII`, async () => {
      const theirs = treeOf(await byReference(renderUbl(document), 'CII'))
      expect(theirs).toEqual(without(treeOf(renderCii(document)), notInTheirs))
    })
  }
})

describe('the rules of EN 16931', () => {
  test.for([invoice, creditNote, taxed, privately, fee])('hold for each example', document => {
    expect(brokenRules(treeOf(renderCii(document)))).toEqual([])
  })

  test('hold for any invoice, and UBL says the same as CII', () => {
    fc.assert(
      fc.property(documents, document => {
        const cii = treeOf(renderCii(document))
        const ubl = treeOf(renderUbl(document))
        expect(brokenRules(cii)).toEqual([])
        expect(
          figures(
            ubl,
            /^cbc:(LineExtensionAmount|TaxExclusiveAmount|TaxInclusiveAmount|PrepaidAmount|PayableAmount|TaxAmount|TaxableAmount|PriceAmount)$/,
          ),
        ).toEqual(
          figures(
            cii,
            /^ram:(LineTotalAmount|TaxBasisTotalAmount|GrandTotalAmount|TotalPrepaidAmount|DuePayableAmount|TaxTotalAmount|CalculatedAmount|BasisAmount|ChargeAmount)$/,
          ),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('would be seen broken', () => {
    const wrong = renderCii(invoice).replace('<ram:GrandTotalAmount>44.96', '<ram:GrandTotalAmount>44.97')
    expect(brokenRules(treeOf(wrong))).toEqual(['BR-CO-15', 'BR-CO-16'])
  })
})

describe('VAT that is not charged', () => {
  test('is exempt with its reason under article 293 B, and outside of the scope for a fee', () => {
    expect(vatCategoryOf('0.00', exempt, 'invoice')).toBe('E')
    expect(vatCategoryOf('0', 'Exonérée, article 261-7-1° du CGI', 'invoice')).toBe('E')
    expect(vatCategoryOf('0', 'Hors champ de la TVA', 'invoice')).toBe('O')
    expect(vatCategoryOf('0', 'Autoliquidation', 'invoice')).toBe('AE')
    expect(vatCategoryOf('0', '', 'fee')).toBe('O')
    expect(vatCategoryOf('0', '', 'invoice')).toBe('Z')
    expect(vatCategoryOf('5.50', exempt, 'invoice')).toBe('S')
    expect(taxesOf(invoice)).toEqual([['E', '0', exempt, 'VATEX-FR-FRANCHISE']])
    expect(taxesOf(fee)).toEqual([['O', '', 'Hors du champ d’application de la TVA', 'VATEX-EU-O']])
  })

  test('outside of the scope, beside something that is not, is said to be exempt for that reason', () => {
    const mixed = documentOf({ lines: [lineOf({}), lineOf({ vatMention: 'Hors champ de la TVA' })] })
    expect(taxesOf(mixed)).toEqual([['E', '0', `${exempt} – Hors champ de la TVA`, '']])
  })
})

describe('a document in its electronic form', () => {
  test('is positive when it is a credit note, and names what it corrects', () => {
    const cii = renderCii(creditNote)
    expect(cii).toContain('<ram:TypeCode>381</ram:TypeCode>')
    expect(cii).toContain('<ram:BilledQuantity unitCode="C62">0.1</ram:BilledQuantity>')
    expect(cii).toContain('<ram:DuePayableAmount>2.80</ram:DuePayableAmount>')
    expect(cii).toContain('<ram:IssuerAssignedID>2026-11-000187</ram:IssuerAssignedID>')
    expect(renderUbl(creditNote)).toMatch(/^<\?xml[^>]*>\n<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"/)
  })

  test('says one piece at the net price where a discount is folded into the line', () => {
    const [, book] = all(one(treeOf(renderCii(taxed)), 'rsm:SupplyChainTradeTransaction'), 'ram:IncludedSupplyChainTradeLineItem')
    expect(text(one(one(book, 'ram:SpecifiedLineTradeAgreement'), 'ram:NetPriceProductTradePrice'), 'ram:ChargeAmount')).toBe('33.75')
    expect(text(one(book, 'ram:SpecifiedLineTradeDelivery'), 'ram:BilledQuantity')).toBe('1')
  })

  test('carries what French law wants to be said to a business', () => {
    const cii = renderCii(taxed)
    for (const subject of ['PMD', 'PMT', 'AAB']) expect(cii).toContain(`<ram:SubjectCode>${subject}</ram:SubjectCode>`)
    expect(renderCii(privately)).not.toContain('SubjectCode')
  })

  test.for([
    ['a draft', documentOf({ draft: true, number: '' })],
    ['a donation', documentOf({ kind: 'donation' })],
    ['a receipt', documentOf({ kind: 'receipt' })],
  ] as const)('is refused for %s', ([, document]) => {
    expect(() => renderCii(document)).toThrow('have an electronic form')
    expect(() => renderUbl(document)).toThrow('have an electronic form')
  })

  test('is refused for a seller without any number', () => {
    const { siret: _, ...nobody } = seller
    expect(() => renderCii(documentOf({ seller: nobody }))).toThrow('needs the SIREN')
    expect(renderCii(documentOf({ seller: { ...nobody, registration: 'W261000000' } }))).toContain('>W261000000<')
  })

  test('keeps any text as text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 }), (wild, written) => {
        const document = documentOf({ lines: [lineOf({ description: wild, explanation: written })], notes: ['</ram:Content>&amp;]]>'] })
        for (const xml of [renderCii(document), renderUbl(document)]) {
          // nothing that XML 1.0 forbids, and the very text
          expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u)
          expect(xml).toContain('&lt;/ram:Content&gt;&amp;amp;]]&gt;')
        }
        expect(brokenRules(treeOf(renderCii(document)))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

/** BT-29 and BT-33 are lost in the library's conversion, as is what a credit note corrects; the element for the delivery is compulsory in the XSD. */
const notInTheirs = ['ram:GlobalID', 'ram:Description', 'ram:ApplicableHeaderTradeDelivery', 'ram:InvoiceReferencedDocument']

const without = ([name, attributes, content]: Tree, names: readonly string[]): Tree => [
  name,
  attributes,
  typeof content === 'string'
    ? content
    : content.filter(child => !names.includes(child[0]) || isTerms(name)).map(child => without(child, names)),
]

/** Their description is another one. */
const isTerms = (parent: string) => parent === 'ram:SpecifiedTradePaymentTerms'

const taxesOf = (document: InvoiceDocument) =>
  all(
    one(one(treeOf(renderCii(document)), 'rsm:SupplyChainTradeTransaction'), 'ram:ApplicableHeaderTradeSettlement'),
    'ram:ApplicableTradeTax',
  ).map(tax =>
    ['CategoryCode', 'RateApplicablePercent', 'ExemptionReason', 'ExemptionReasonCode'].map(name =>
      text(tax, `ram:${name}`).replace(/^0\.00$/, '0'),
    ),
  )

/** All figures with one of these names, sorted. */
function figures([name, , content]: Tree, names: RegExp): string[] {
  const own = names.test(name) && typeof content === 'string' ? [new Big(content).toFixed(2)] : []
  return [...own, ...(typeof content === 'string' ? [] : content.flatMap(child => figures(child, names)))].sort()
}

const cents = (min: number, max: number) => fc.integer({ min, max }).map(amount => new Big(amount).div(100).toFixed(2))
const anyLine = fc
  .record({
    quantity: fc.integer({ min: 1, max: 30_000 }).map(amount => new Big(amount).div(100).toFixed(4)),
    unitPrice: cents(-20_000, 100_000),
    discount: fc.option(cents(0, 500), { nil: '0', freq: 4 }),
    vat: fc.constantFrom(
      ['20.00', ''],
      ['5.50', ''],
      ['0.00', exempt],
      ['0.00', 'Hors champ de la TVA'],
      ['0.00', ''],
      ['0.00', 'Autoliquidation'],
    ),
    unit: fc.constantFrom('C62', 'MON', 'DAY', 'Go', ''),
    description: fc.string({ maxLength: 30 }),
  })
  .map(({ vat: [vatRate = '0', vatMention = ''], discount, ...line }) =>
    lineOf({
      ...line,
      vatRate,
      vatMention,
      net: new Big(line.quantity).times(line.unitPrice).minus(discount).round(2, Big.roundHalfUp).toFixed(2),
    }),
  )
const documents = fc
  .record({
    lines: fc.array(anyLine, { minLength: 1, maxLength: 12 }),
    isCredit: fc.boolean(),
    paid: cents(0, 1000),
    dueOn: fc.constantFrom('2026-12-01', undefined),
    business: fc.boolean(),
    language: fc.constantFrom('fr' as const, 'en' as const),
  })
  .map(({ lines, isCredit, business, ...parts }) =>
    documentOf({
      ...parts,
      kind: isCredit ? 'credit_note' : 'invoice',
      lines: isCredit ? lines.map(line => ({ ...line, quantity: `-${line.quantity}`, net: new Big(line.net).neg().toFixed(2) })) : lines,
      ...(business && { buyer: taxed.buyer, seller: taxed.seller }),
    }),
  )

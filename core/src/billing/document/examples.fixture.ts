import Big from 'big.js'
import type { DocumentLine, InvoiceDocument, Seller } from './document.ts'
import { vatCategoryOf } from './vat-category.ts'

export const exempt = 'TVA non applicable, article 293 B du CGI'

/** UN/ECE recommendation 20. */
const month = 'MON'

export const seller: Seller = {
  name: 'Réseau des Collines',
  legalForm: 'Association loi 1901',
  address: ['3 place du Marché', 'Bâtiment B'],
  postalCode: '26400',
  city: 'Crest',
  country: 'FR',
  siret: '73282932000074',
  email: 'bureau@collines.example',
  phone: '+33 4 75 00 00 00',
  website: 'https://collines.example',
  iban: 'FR76 3000 6000 0112 3456 7890 189',
  bic: 'AGRIFRPP',
}

export const lines: readonly DocumentLine[] = [
  lineOf({ description: 'VPN, ouverture', explanation: 'Une fois', unitPrice: '10.0000', net: '10.00' }),
  lineOf({
    description: 'VPN, du 9 au 31 octobre 2026',
    explanation: '23 jours sur 31, soit 0,74 de la période',
    periodFrom: '2026-10-09',
    periodTo: '2026-10-31',
    quantity: '0.7400',
    unit: month,
    unitPrice: '4.0000',
    net: '2.96',
  }),
  lineOf({
    description: 'VPN, novembre 2026',
    periodFrom: '2026-11-01',
    periodTo: '2026-11-30',
    unit: month,
    unitPrice: '4.0000',
    net: '4.00',
  }),
  lineOf({
    description: 'DSL, novembre 2026',
    periodFrom: '2026-11-01',
    periodTo: '2026-11-30',
    unit: month,
    unitPrice: '28.0000',
    net: '28.00',
  }),
]

/** An invoice of the given lines, added up; everything else as in the given parts. */
export function documentOf(parts: Partial<InvoiceDocument> = {}): InvoiceDocument {
  const { kind = 'invoice', paid = '0.00' } = parts
  const all = parts.lines ?? lines
  const vat = [...Map.groupBy(all, line => `${new Big(line.vatRate).toFixed(2)} ${line.vatMention ?? ''}`).values()].map(same => {
    const base = sum(same.map(({ net }) => net))
    const { vatRate: rate = '0', vatMention: mention = '' } = same[0] ?? {}
    const amount = new Big(base).times(rate).div(100).round(2, Big.roundHalfUp).toFixed(2)
    return { rate, mention, base, amount, category: vatCategoryOf(rate, mention, kind) }
  })
  const net = sum(all.map(line => line.net))
  const vatTotal = sum(vat.map(({ amount }) => amount))
  const total = sum([net, vatTotal])
  return {
    kind,
    draft: false,
    language: 'fr',
    currency: 'EUR',
    number: '2026-11-000187',
    issuedOn: '2026-11-01',
    dueOn: '2026-12-01',
    reference: 'COL-0182',
    seller,
    buyer: {
      name: 'Amina Berthier',
      address: ['14 rue des Lavandières'],
      postalCode: '26400',
      city: 'Crest',
      country: 'FR',
      email: 'a.berthier@example.org',
    },
    vat,
    net,
    vatTotal,
    total,
    paid,
    due: new Big(total).minus(paid).toFixed(2),
    notes: [],
    ...parts,
    lines: all,
  }
}

export const creditNote = documentOf({
  kind: 'credit_note',
  number: '2026-11-000203',
  issuedOn: '2026-11-18',
  corrects: { number: '2026-11-000187', issuedOn: '2026-11-01' },
  lines: [
    lineOf({
      description: 'DSL, coupure du 12 au 14 novembre 2026',
      explanation: '3 jours sur 30, 28,00 € × 0,10',
      quantity: '-0.1000',
      unitPrice: '28.0000',
      net: '-2.80',
    }),
  ],
})

const taxedLine = lineOf({
  description: 'Fibre, novembre 2026',
  explanation: 'Prix en vigueur depuis le 1er janvier 2026',
  unit: month,
  unitPrice: '30.0000',
  net: '30.00',
  vatRate: '20.00',
  vatMention: '',
})

/** To a business, with two rates, a discount folded into a line, and partly paid. */
export const taxed = documentOf({
  seller: { ...seller, vatId: 'FR40303265045' },
  buyer: {
    name: 'Café des Halles SARL',
    address: ['2 place des Halles'],
    postalCode: '26400',
    city: 'Crest',
    country: 'FR',
    email: 'cafe@example.org',
    siren: '552100554',
    vatId: 'FR82552100554',
  },
  paid: '10.00',
  notes: ['Merci de rappeler la référence.'],
  lines: [
    taxedLine,
    {
      ...taxedLine,
      description: 'Livre « Internet »',
      explanation: '10 % de remise',
      quantity: '3',
      unit: 'C62',
      unitPrice: '12.5000',
      net: '33.75',
      vatRate: '5.50',
    },
    { ...taxedLine, description: 'Remise de fidélité', explanation: '', quantity: '1', unit: 'C62', unitPrice: '-5.0000', net: '-5.00' },
  ],
})

export function lineOf(parts: Partial<DocumentLine>): DocumentLine {
  return {
    description: 'VPN',
    quantity: '1.0000',
    unit: 'C62',
    unitPrice: '4.0000',
    net: '4.00',
    vatRate: '0.00',
    vatMention: exempt,
    ...parts,
  }
}

function sum(amounts: readonly string[]): string {
  return amounts.reduce((all, each) => all.plus(each), new Big(0)).toFixed(2)
}

import Big from 'big.js'
import { breakable, cleanLine, cleanText } from './clean-text.ts'
import type { InvoiceDocument } from './document.ts'
import { epcPayload } from './epc.ts'
import { qrSvg } from './qr-svg.ts'
import { type Shown, shownIn } from './shown.ts'
import { addressed, type Labelled, numbersOf } from './shown-party.ts'
import { type ShownTotal, totalsOf } from './shown-totals.ts'
import { businessNotes, isBusiness, type Words, withValues, words } from './words.ts'

/** What a template gets, as JSON: everything is text, written for the reader, and nothing in it is markup. Documented in docs/billing/invoices.md. */
export interface TemplateData {
  readonly kind: string
  readonly language: string
  readonly draft: boolean
  readonly title: string
  readonly number: string
  readonly issuedOn: string
  /** Issue, due date, reference. */
  readonly facts: readonly Labelled[]
  readonly seller: {
    readonly name: string
    readonly legalForm: string
    readonly address: readonly string[]
    readonly contact: readonly string[]
    readonly numbers: readonly Labelled[]
  }
  readonly buyer: { readonly name: string; readonly address: readonly string[]; readonly numbers: readonly Labelled[] }
  /** Whether the logo is there to read, and as what file. */
  readonly logo: string | null
  readonly corrects: string
  /** Whether there is any VAT: if not, one column less. */
  readonly taxed: boolean
  readonly lines: readonly {
    readonly description: string
    readonly explanation: string
    readonly period: string
    readonly quantity: string
    readonly unitPrice: string
    readonly vatRate: string
    readonly net: string
  }[]
  readonly vat: readonly { readonly rate: string; readonly base: string; readonly amount: string }[]
  /** From the net to what is to be paid; the last is what counts. */
  readonly totals: readonly ShownTotal[]
  /** Why there is no VAT, and what else the law wants. */
  readonly mentions: readonly string[]
  readonly notes: readonly string[]
  readonly terms: string
  readonly payment: { readonly facts: readonly Labelled[]; readonly qr: string } | null
  readonly words: Words
}

/** Writes a document for its reader. Credits are positive on a credit note, as in its electronic form. */
export function templateData(document: InvoiceDocument, logo: string | null): TemplateData {
  const { language, kind, draft } = document
  const own = words[language]
  const shown = shownIn(document)
  const turned = kind === 'credit_note' ? -1 : 1
  const money = (amount: string) => shown.money(new Big(amount).times(turned).toFixed())
  const asks = kind === 'invoice' || kind === 'fee'
  return {
    kind,
    language,
    draft,
    title: own.title[kind],
    number: draft ? '' : cleanLine(document.number),
    issuedOn: shown.day(document.issuedOn),
    facts: [
      { label: draft || kind !== 'invoice' ? own.madeOn : own.issuedOn, value: shown.day(document.issuedOn) },
      ...(asks && document.dueOn ? [{ label: own.dueOn, value: shown.day(document.dueOn) }] : []),
      ...(document.reference ? [{ label: own.reference, value: cleanLine(document.reference) }] : []),
    ],
    seller: {
      ...addressed(document.seller, ''),
      legalForm: cleanLine(document.seller.legalForm ?? ''),
      contact: [document.seller.email, document.seller.phone, document.seller.website].map(each => cleanLine(each ?? '')).filter(Boolean),
      numbers: numbersOf(document.seller, own),
    },
    buyer: { ...addressed(document.buyer, document.seller.country, language), numbers: numbersOf(document.buyer, own) },
    logo,
    corrects: document.corrects
      ? withValues(own.corrects, { number: cleanLine(document.corrects.number), date: shown.day(document.corrects.issuedOn) })
      : '',
    taxed: document.vat.some(({ rate }) => !isNothing(rate)),
    lines: document.lines.map(line => ({
      description: breakable(cleanText(line.description)),
      explanation: breakable(cleanText(line.explanation ?? '')),
      period: line.periodFrom && line.periodTo ? shown.days(line.periodFrom, line.periodTo) : '',
      quantity: quantityOf(line, turned, shown, own),
      unitPrice: shown.money(new Big(line.unitPrice).abs().toFixed()),
      vatRate: shown.percent(line.vatRate),
      net: money(line.net),
    })),
    vat: document.vat
      .filter(({ rate }) => !isNothing(rate))
      .map(({ rate, base, amount }) => ({ rate: shown.percent(rate), base: money(base), amount: money(amount) })),
    totals: totalsOf(document, money, own, shown),
    mentions: [
      ...new Set(document.vat.map(({ mention }) => cleanLine(mention ?? '')).filter(Boolean)),
      ...(isBusiness(document) && asks
        ? [
            businessNotes(language)
              .map(({ text }) => text)
              .join(' '),
          ]
        : []),
    ],
    notes: document.notes.map(note => breakable(cleanText(note))).filter(Boolean),
    terms: breakable(cleanText(document.paymentTerms ?? '')) || defaultTerms(document, own),
    payment: asks && !draft ? paymentOf(document, own) : null,
    words: own,
  }
}

function quantityOf(line: InvoiceDocument['lines'][number], turned: number, { quantity, isOne }: Shown, own: Words): string {
  const signed = new Big(line.quantity)
    .times(turned)
    .times(new Big(line.unitPrice).lt(0) ? -1 : 1)
    .toFixed()
  const [one, other] = own.units[line.unit] ?? ['', '']
  return one ? `${quantity(signed)}\u00a0${isOne(signed) ? one : other}` : quantity(signed)
}

function paymentOf(document: InvoiceDocument, own: Words): TemplateData['payment'] {
  const { seller, currency, due } = document
  if (!seller.iban || new Big(due).lte(0)) return null
  const reference = cleanLine(document.reference ?? '') || cleanLine(document.number)
  const payload = epcPayload({ name: cleanLine(seller.name), iban: seller.iban, bic: seller.bic, amount: due, currency, reference })
  const facts = [
    { label: own.beneficiary, value: cleanLine(seller.name) },
    { label: own.iban, value: seller.iban.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1\u00a0') },
    { label: own.bic, value: cleanLine(seller.bic ?? '') },
    { label: own.reference, value: reference },
  ]
  return { facts: facts.filter(({ value }) => value !== ''), qr: payload ? qrSvg(payload) : '' }
}

function defaultTerms({ kind, draft, dueOn }: InvoiceDocument, own: Words): string {
  if (draft) return ''
  if (kind === 'credit_note') return own.creditTerms
  if (kind === 'donation') return own.donationThanks
  if (kind === 'receipt') return own.receiptThanks
  return dueOn ? '' : own.onReceipt
}

const isNothing = (amount: string) => new Big(amount).eq(0)

import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { type ChargeChange, differenceOf } from './difference.ts'
import { dueOf, type PricedCharge, type SubscriptionDue } from './due.ts'
import { type Calculation, type LineWords, wordsOfCharge, wordsOfCorrection } from './line-words.ts'
import { decimal, roundMoney, sumOf } from './money.ts'
import { lockTerms, type OfferTerms, readOffers, type Terms } from './terms.ts'

/** A new revision of a charge as it will be stored, with the line that bills it, if it makes a difference. */
export interface NewCharge {
  readonly change: ChargeChange
  readonly subscriptionId: number
  readonly memberId: number
  readonly kind: string
  readonly first: string
  readonly end: string
  readonly revision: number
  readonly offerId: number
  readonly quantity: string
  readonly unitPrice: string
  readonly amount: string
  readonly currency: string
  readonly vatRate: string
  readonly calculation: Calculation
  readonly line: BilledLine | undefined
}

export interface BilledLine extends LineWords {
  readonly quantity: string
  readonly unit: string
  readonly unitPrice: string
  readonly net: string
  readonly vatRate: string
  readonly vatMention: string
  readonly account: string
}

/** What a run makes of one member: the charges, the drafts with their lines, and how far the subscriptions are billed then. */
export interface MemberBill {
  readonly memberId: number
  readonly charges: readonly NewCharge[]
  /** One for each member who is billed (who moved a subscription away may be another) and currency. Those without a line are none. */
  readonly drafts: readonly DraftBill[]
  readonly states: readonly { readonly id: number; readonly settledUntil: string | null; readonly next: string | null }[]
}
export interface DraftBill {
  readonly memberId: number
  readonly currency: string
  readonly net: string
  readonly vat: string
  readonly total: string
  readonly lines: readonly (BilledLine & { readonly charge: NewCharge })[]
}

export interface WorkedOut {
  readonly bills: readonly MemberBill[]
  readonly failures: readonly { readonly memberId: number; readonly error: unknown }[]
}

/**
 * Works out what a run up to `until` bills the members, and locks how far they are billed. What throws for one member sets that one aside. A constant
 * number of statements, however many members there are.
 */
export async function workOut(tx: Tx, memberIds: readonly number[], until: string): Promise<WorkedOut> {
  const terms = await lockTerms(tx, memberIds, until)
  if (terms.length === 0) return { bills: [], failures: [] }
  const languages = await languagesOf(tx, memberIds)
  const offers = await readOffers(tx)
  return workOutTerms(terms, offers, languages, until)
}

/** The same for terms that were read: no statement at all. */
export function workOutTerms(
  terms: readonly Terms[],
  offers: ReadonlyMap<number, OfferTerms>,
  languages: ReadonlyMap<number, string>,
  until: string,
): WorkedOut {
  const { registry } = currentScope()
  const { suspensionStopsBilling } = registry.config.billing
  const bills: MemberBill[] = []
  const failures: { memberId: number; error: unknown }[] = []
  for (const [memberId, own] of Map.groupBy(terms, each => each.memberId)) {
    try {
      const locale = languages.get(memberId) || registry.config.provider.language
      bills.push(
        withinScope({ locale, app: 'billing' }, () =>
          billOf(
            memberId,
            own.map(each => ({ terms: each, due: dueOf(each, offers, registry.billingStrategies, until, suspensionStopsBilling) })),
            offers,
            wordsIn(registry, locale),
          ),
        ),
      )
    } catch (error) {
      failures.push({ memberId, error })
    }
  }
  return { bills, failures }
}

interface Looked {
  readonly terms: Terms
  readonly due: SubscriptionDue
}

function billOf(memberId: number, looked: readonly Looked[], offers: ReadonlyMap<number, OfferTerms>, words: Words): MemberBill {
  const charges = looked.flatMap(({ terms, due }) =>
    differenceOf(terms.billed, due.charges).map(change =>
      change.due && change.instead.length === 0 ? firstCharge(terms, change, change.due, words) : newCharge(terms, change, offers, words),
    ),
  )
  return {
    memberId,
    charges,
    drafts: draftsOf(charges),
    states: looked.map(({ terms: { id }, due: { settledUntil, next } }) => ({ id, settledUntil, next })),
  }
}

/** What is billed for the first time is the same for all who have the same terms. */
function firstCharge(terms: Terms, change: ChargeChange, due: PricedCharge, words: Words): NewCharge {
  const known = words.first.get(due)
  if (known) return { change, subscriptionId: terms.id, memberId: terms.memberId, ...known }
  const charge = newCharge(terms, change, noOffers, words)
  const { change: _, subscriptionId: __, memberId: ___, ...shared } = charge
  words.first.set(due, shared)
  return charge
}

const noOffers: ReadonlyMap<number, OfferTerms> = new Map()

function newCharge(terms: Terms, change: ChargeChange, offers: ReadonlyMap<number, OfferTerms>, words: Words): NewCharge {
  const { due, instead } = change
  const [before] = instead
  const offerId = due?.offer.id ?? before?.offerId ?? 0
  const offer = due?.offer ?? offers.get(offerId)
  const calculation: Calculation = {
    offer: offer?.name ?? '',
    unit: due?.unit ?? 'period',
    ...(due?.fee && { fee: due.fee }),
    ...(due?.days && { days: due.days }),
    ...(before && { before: instead.reduce((sum, { amount }) => sum.plus(amount), decimal(0)).toFixed(2) }),
  }
  const charge = {
    change,
    subscriptionId: terms.id,
    memberId: before?.memberId ?? terms.memberId,
    kind: due?.kind ?? before?.kind ?? '',
    first: due?.first ?? before?.first ?? '',
    end: due?.end ?? before?.end ?? '',
    revision: instead.reduce((most, { revision }) => Math.max(most, revision), 0) + 1,
    offerId,
    quantity: due?.quantity ?? '0',
    unitPrice: due?.unitPrice ?? '0',
    amount: due?.amount ?? '0.00',
    currency: due?.offer.currency ?? before?.currency ?? '',
    vatRate: before?.vatRate ?? due?.offer.vatRate ?? '0',
    calculation,
  }
  if (change.difference.eq(0)) return { ...charge, line: undefined }
  return { ...charge, line: lineOf(change, charge, offer, words) }
}

function lineOf(change: ChargeChange, { vatRate }: Pick<NewCharge, 'vatRate'>, offer: OfferTerms | undefined, words: Words): BilledLine {
  const { due, instead, difference } = change
  const shared = { net: difference.toFixed(2), vatRate, vatMention: words.vatMention(vatRate, offer), account: offer?.account ?? '' }
  if (due && instead.length === 0)
    return { ...wordsOfCharge(due), quantity: due.quantity, unit: unitCode(due), unitPrice: due.unitPrice, ...shared }
  return {
    ...wordsOfCorrection(change, offer?.name ?? ''),
    quantity: difference.lt(0) ? '-1' : '1',
    unit: 'C62',
    unitPrice: difference.abs().toFixed(2),
    ...shared,
  }
}

/** UN/ECE Recommendation 20: months when a period is one, else pieces; a unit of measure stays in the words. */
const unitCode = ({ unit, offer }: { readonly unit: string; readonly offer: OfferTerms }): string =>
  unit === 'period' && offer.periodMonths === 1 ? 'MON' : 'C62'

function draftsOf(charges: readonly NewCharge[]): readonly DraftBill[] {
  const lines = charges.flatMap(charge => (charge.line ? [{ ...charge.line, charge }] : []))
  return groupsOf(lines, ({ charge }) => `${charge.memberId} ${charge.currency}`).map(own => {
    const { memberId, currency } = (own[0] as (typeof own)[number]).charge
    const net = sumOf(own.map(line => line.net))
    const vat = sumOf(
      groupsOf(own, line => Number(line.vatRate)).map(of => vatOf(sumOf(of.map(line => line.net)), Number(of[0]?.vatRate), currency)),
    )
    return { memberId, currency, net, vat, total: sumOf([net, vat]), lines: own }
  })
}

/** Rows with the same key together. Most often that is all of them. */
function groupsOf<R>(rows: readonly R[], keyOf: (row: R) => string | number): readonly (readonly R[])[] {
  const [head] = rows
  if (head === undefined) return []
  const key = keyOf(head)
  return rows.every(row => keyOf(row) === key) ? [rows] : [...Map.groupBy(rows, keyOf).values()]
}

const vatOf = (net: string, rate: number, currency: string): string =>
  rate === 0 ? '0.00' : roundMoney(decimal(net).times(rate).div(100), currency).toFixed(2)

/** What is said in one language. */
interface Words {
  /** What was made of what is due, when nothing was billed before. */
  readonly first: WeakMap<PricedCharge, Omit<NewCharge, 'change' | 'subscriptionId' | 'memberId'>>
  vatMention(vatRate: string, offer: OfferTerms | undefined): string
}

const known = new WeakMap<Registry, Map<string, Words>>()

function wordsIn(registry: Registry, locale: string): Words {
  const languages = known.get(registry) ?? new Map<string, Words>()
  known.set(registry, languages)
  const { vatMention: mention } = registry.config.billing
  const words = languages.get(locale) ?? {
    first: new WeakMap(),
    vatMention: (vatRate, offer) => (Number(vatRate) === 0 ? offer?.vatMention || mention : ''),
  }
  languages.set(locale, words)
  return words
}

/** The same for what stands on the same: covers every line, amount and day, and no id that is given when it is stored. */
export function digestOf({ drafts, charges }: MemberBill): string {
  const shown = {
    drafts: drafts.map(({ memberId, currency, total, lines }) => [memberId, currency, total, lines.map(({ charge: _, ...line }) => line)]),
    charges: charges.map(({ change, line: _, calculation: __, ...charge }) => [charge, change.instead.map(({ id }) => id)]),
  }
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex')
}

async function languagesOf(tx: Tx, memberIds: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const { rows } = await tx.execute<{ id: number; language: string }>(
    sql`SELECT id, language FROM member WHERE id = ANY (${sql.param(memberIds)}::bigint[]) AND language <> ''`,
  )
  return new Map(rows.map(({ id, language }) => [id, language]))
}

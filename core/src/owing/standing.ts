import { type Decimal, decimal } from '../billing/money.ts'
import type { Balance, OpenItem } from './balances.ts'

/** What is open in one currency, as a person asks about it. Amounts are decimal numbers. */
export interface Standing {
  /** Since when something is owed: the day of the oldest bill that is open. */
  readonly since: string | undefined
  /** When the next of it is to be paid; in the past when it is late. */
  readonly dueOn: string | undefined
  /** What should have been paid by now. */
  readonly late: string
  readonly disputed: string
  /** The bill to pay first. */
  readonly first: OpenItem | undefined
}

/** Bills in dispute are owed, and nobody waits for them. Pure. */
export function standingOf({ open }: Balance): Standing {
  const bills = open.filter(({ what, left }) => what === 'bill' && !left.startsWith('-'))
  const expected = bills.filter(({ disputed }) => !disputed).sort((one, other) => (String(one.dueOn) < String(other.dueOn) ? -1 : 1))
  const [first] = expected
  return {
    since: bills[0]?.on,
    dueOn: first?.dueOn ?? undefined,
    late: sum(expected.filter(({ late }) => (late ?? 0) > 0)).toFixed(2),
    disputed: sum(bills.filter(({ disputed }) => disputed)).toFixed(2),
    first,
  }
}

/** What is open by how late it is. */
export interface Ageing {
  readonly notDue: string
  readonly upTo30: string
  readonly upTo60: string
  readonly upTo90: string
  readonly older: string
  readonly disputed: string
  /** Money and credit notes that are not used: below zero. */
  readonly unused: string
}

/** It adds up to what is owed. Pure. */
export function ageingOf({ open }: Pick<Balance, 'open'>): Ageing {
  const debts = open.filter(({ left }) => !left.startsWith('-'))
  const between = (from: number, to: number) =>
    sum(debts.filter(({ late, disputed }) => !disputed && (late ?? 1) >= from && (late ?? 1) <= to)).toFixed(2)
  return {
    notDue: between(Number.NEGATIVE_INFINITY, 0),
    upTo30: between(1, 30),
    upTo60: between(31, 60),
    upTo90: between(61, 90),
    older: between(91, Number.POSITIVE_INFINITY),
    disputed: sum(debts.filter(({ disputed }) => disputed)).toFixed(2),
    unused: sum(open.filter(({ left }) => left.startsWith('-'))).toFixed(2),
  }
}

const sum = (items: readonly OpenItem[]): Decimal => items.reduce((total, { left }) => total.plus(left), decimal(0))

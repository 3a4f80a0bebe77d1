/** The rules of allocation written out plainly, one amount after another, to compare with. Amounts are cents. */
export interface Item {
  readonly kind: 'payment' | 'credit note' | 'invoice'
  readonly id: number
  readonly day: string
  amount: number
  /** The invoice that a payment names or a credit note corrects; the payment that a refund undoes. */
  readonly names?: number | undefined
  disputed?: boolean
}
interface Allocation {
  readonly from: Item
  readonly to: Item
  amount: number
  readonly byHand: boolean
}

export class NaiveMoney {
  items: Item[] = []
  allocations: Allocation[] = []

  readonly open = (item: Item): number =>
    Math.abs(item.amount) -
    this.allocations.filter(({ from, to }) => from === item || to === item).reduce((sum, { amount }) => sum + amount, 0)
  readonly isCredit = (item: Item): boolean => (item.kind === 'invoice' ? false : item.kind === 'credit note' || item.amount > 0)
  private readonly undoes = (refund: Item, payment: Item) => refund.kind === 'payment' && refund.amount < 0 && refund.names === payment.id

  /** As the database lays them end to end: by day; on one day credit notes and invoices before payments and refunds. */
  private readonly sorted = (items: readonly Item[]) =>
    [...items].sort((a, b) => a.day.localeCompare(b.day) || Number(a.kind === 'payment') - Number(b.kind === 'payment') || a.id - b.id)

  give(from: Item, to: Item, byHand = false, most = Number.POSITIVE_INFINITY): void {
    const amount = Math.min(this.open(from), this.open(to), most)
    if (amount > 0) this.allocations.push({ from, to, amount, byHand })
  }

  applyRules(): void {
    const payments = this.items.filter(({ kind, amount }) => kind === 'payment' && amount > 0)
    const refundsOf = (payment: Item) => this.sorted(this.items.filter(item => this.undoes(item, payment)))
    for (const payment of payments) {
      let missing = refundsOf(payment).reduce((sum, refund) => sum + this.open(refund), 0) - this.open(payment)
      for (const one of this.allocations
        .filter(({ from, to, byHand }) => from === payment && !byHand && !this.undoes(to, payment))
        .reverse()) {
        if (missing <= 0) break
        this.allocations = this.allocations.filter(each => each !== one)
        if (one.amount > missing) this.allocations.push({ ...one, amount: one.amount - missing })
        missing -= one.amount
      }
    }
    for (const payment of payments) for (const refund of refundsOf(payment)) this.give(payment, refund)
    const credits = this.sorted(this.items.filter(item => this.isCredit(item) && !item.disputed))
    const debits = this.sorted(this.items.filter(item => !this.isCredit(item) && !item.disputed))
    for (const invoice of this.items.filter(({ kind, disputed }) => kind === 'invoice' && !disputed).sort((a, b) => a.id - b.id))
      for (const credit of credits) if (credit.names === invoice.id) this.give(credit, invoice)
    for (const credit of credits) for (const debit of debits) this.give(credit, debit)
  }

  /** Drops what the rules allocated of some items. */
  release(which: (allocation: Allocation) => boolean): void {
    this.allocations = this.allocations.filter(one => one.byHand || this.undoes(one.to, one.from) || !which(one))
  }

  /** Whether anything was allocated of it. */
  remove(item: Item): boolean {
    const before = this.allocations.length
    this.items = this.items.filter(each => each !== item)
    this.allocations = this.allocations.filter(({ from, to }) => from !== item && to !== item)
    return this.allocations.length < before
  }

  /** In the words of `allocationsOf`. */
  told(): { from: string; to: string; amount: string; byHand: boolean }[] {
    const sums = new Map<string, { from: string; to: string; cents: number; byHand: boolean }>()
    for (const { from, to, amount, byHand } of this.allocations) {
      const told = { from: `${from.kind} ${from.id}`, to: `${to.kind} ${to.id}`, byHand }
      const key = JSON.stringify(told)
      sums.set(key, { ...told, cents: (sums.get(key)?.cents ?? 0) + amount })
    }
    return [...sums.values()].map(({ cents, ...told }) => ({ ...told, amount: (cents / 100).toFixed(2) }))
  }

  /** Below zero in credit. */
  owed(): string {
    return (this.items.reduce((sum, { kind, amount }) => sum + (kind === 'payment' ? -amount : amount), 0) / 100).toFixed(2)
  }

  /** The day on which an invoice or a credit note was wholly covered: that of the last that was needed. */
  settledOn(item: Item): string | null {
    if (this.open(item) > 0) return null
    const others = this.allocations.flatMap(({ from, to }) => (from === item ? [to.day] : to === item ? [from.day] : []))
    return [item.day, ...others].sort().at(-1) ?? null
  }
}

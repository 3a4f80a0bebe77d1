import { paymentName } from '../billing/invoice-words.tsx'
import type { Balance, LedgerPage } from '../owing/balances.ts'
import type { Bill, BillLine } from '../owing/explanation.ts'
import type { NextBill } from '../owing/next-bill.ts'
import { reasonsOf } from '../owing/reasons.ts'
import { stepsOf } from '../owing/steps.ts'
import { vatOf } from '../owing/totals.ts'
import { billName } from '../owing/words.ts'
import { formatDate, formatMoney, formatOwed } from '../ui/index.ts'
import { table } from './output.ts'

interface Told {
  readonly member: { readonly id: number; readonly name: string }
  readonly balances: readonly Balance[]
  readonly next: NextBill | undefined
  readonly ledger: LedgerPage
  readonly why: readonly Bill[]
}

/** What a terminal says of a member's money. */
export function memberWords({ member, balances, next, ledger, why }: Told): string {
  const owed = balances.map(({ owed: amount, currency }) => formatOwed(amount, currency)).filter(words => words !== '–')
  const entries = ledger.entries.map(({ what, kind, name, on, amount, balance, currency }) => [
    formatDate(on, 'table'),
    what === 'bill' ? billName(kind, name) : paymentName(kind, !amount.startsWith('-')),
    formatMoney(amount, currency),
    formatOwed(balance, currency),
  ])
  return [
    `${member.name} (${member.id}) ${owed.length > 0 ? `owes ${owed.join(', ')}` : 'owes nothing'}.`,
    ...why.map(billWords),
    ...(next?.bills ?? []).map(
      ({ total, currency }) => `The next bill, about ${formatDate(next?.on ?? '')}: ${formatMoney(total, currency)}`,
    ),
    entries.length > 0 ? table(['Date', 'What', 'Amount', 'Owed then'], entries) : 'Nothing billed yet.',
    ...(ledger.total > entries.length ? [`${entries.length} of ${ledger.total}; more with --page ${ledger.page + 1}.`] : []),
  ].join('\n\n')
}

/** What a terminal says of one bill: each line with its reasons and calculations, what covers it, what is left. */
export function billWords(bill: Bill): string {
  const { currency } = bill
  return [
    `${billName(bill.kind, bill.number)} of ${formatDate(bill.issuedOn)}: ${formatMoney(bill.total, currency)}`,
    ...bill.lines.flatMap(line => lineWords(line, currency)),
    ...vatOf(bill.lines, currency).map(
      ({ rate, base, vat }) => `  VAT ${Number(rate)}% of ${formatMoney(base, currency)}: ${formatMoney(vat, currency)}`,
    ),
    ...bill.coverings.map(({ what, kind, number, on, amount, bank }) => {
      const name = number === null ? paymentName(kind, what === 'refund') : billName(kind, number)
      return `  ${name} of ${formatDate(on)}: ${formatMoney(amount, currency)}${bank ? ` (bank line ${bank.lineId}: ${bank.label})` : ''}`
    }),
    `  Left: ${formatMoney(bill.left, currency)}`,
  ].join('\n')
}

function lineWords(line: BillLine, currency: string): string[] {
  const steps = stepsOf(line, currency).map(({ terms, result }) => {
    const said = terms.map(({ sign, value, caption }) => [sign, value, caption && `(${caption})`].filter(Boolean).join(' '))
    return `${said.join(' ')} = ${[result.value, result.caption && `(${result.caption})`].filter(Boolean).join(' ')}`
  })
  const before = (line.earlier ?? []).map(({ number, net }) => `Billed before: ${formatMoney(net, currency)} on ${number ?? 'a draft'}`)
  return [
    `  ${line.description}: ${formatMoney(line.net, currency)}`,
    ...[...reasonsOf(line, currency), ...before, ...steps].map(text => `      ${text}`),
  ]
}

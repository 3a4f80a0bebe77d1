import { type ReadOptions, readStatement } from '../statement/read-statement.ts'
import type { Statement, StatementProblem } from '../statement/statement.ts'
import type { BankAccount } from './tables.ts'

/** Whose file it should be. */
export type FileAccount = Pick<BankAccount, 'iban' | 'knownAs' | 'currency' | 'mapping'>

/** Reads a file as one of this account: with its columns, in its currency. A file of another account is a problem. */
export function readForAccount(
  bytes: Uint8Array,
  account: FileAccount,
): { statement: Statement } | { problems: readonly StatementProblem[] } {
  const options: ReadOptions = { currency: account.currency, ...(account.mapping && { mapping: account.mapping }) }
  const names = [account.iban, account.knownAs].filter(Boolean)
  let read = readStatement(bytes, options)
  // a file of several accounts: ours is chosen
  if ('problems' in read && read.problems.some(({ values }) => values && 'accounts' in values)) {
    for (const name of names) {
      const chosen = readStatement(bytes, { ...options, account: name })
      if ('statement' in chosen || chosen.problems.every(({ values }) => !values || !('accounts' in values))) {
        read = chosen
        break
      }
    }
  }
  if ('problems' in read) return read
  const { account: own } = read.statement
  if (!own || names.length === 0 || isOurs(own, account)) return read
  const problem: StatementProblem = {
    message: 'This file is of the account {{accounts}}, not of {{account}}.',
    values: { accounts: own.iban ?? own.other ?? '', account: names.join(', ') },
  }
  return { problems: [problem] }
}

const compact = (text: string) => text.replace(/[^A-Za-z0-9]/g, '').toUpperCase()

/** By its IBAN, by what the bank calls it, or by its number when that is a part of the IBAN. */
function isOurs(own: NonNullable<Statement['account']>, { iban, knownAs }: FileAccount): boolean {
  if (own.iban) return own.iban === iban || (iban === '' && own.iban === compact(knownAs))
  const other = compact(own.other ?? '')
  return other === compact(knownAs) || (other.length >= 5 && iban.includes(other))
}

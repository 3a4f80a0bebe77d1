import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { Config } from './config.ts'

/** Why something may be kept (GDPR, art. 6): for the contract, because a law asks for it, for a legitimate interest, or by consent. */
export type Basis = 'contract' | 'law' | 'interest' | 'consent'

/** How long something is kept, counted from what `from` says. Without years and months `from` says it all. */
export interface Term {
  readonly years?: number
  readonly months?: number
  /** What it is counted from: `the end of the financial year`. */
  readonly from: string
  /** What asks for it: `Code de commerce, art. L123-22`. */
  readonly law?: string
}

/** The member whose data it is about. */
export interface Whom {
  readonly id: number
  /** Of their account, as long as they have one. */
  readonly userId: string | undefined
  /** Every address that mails went to, in lower case. */
  readonly emails: readonly string[]
}

/** One kind of what is held about members: for the register, for those who ask what is held about them, and for erasure. */
export interface PersonalData {
  /** Unique, and stays: `invoices`. */
  readonly name: string
  readonly label: string
  readonly purpose: string
  readonly basis: Basis
  /** `membership`: until the member has left and asks for it to be erased. */
  readonly term: 'membership' | Term | ((config: Config) => Term)
  /**
   * By table (with its schema, unless that is `public`), the statement that selects a member's rows. Columns that are called after a
   * password, a token, a hash or another secret never leave; those called `…_by` tell only whether it was the member.
   */
  readonly rows: Readonly<Record<string, (whom: Whom) => SQL>>
  /** Columns of texts that are erased at once, though the row stays: their history is erased too. */
  readonly texts?: Readonly<Record<string, readonly string[]>>
  /** Erases what no term keeps any more, on the day it is called, and says how many rows. Safe to repeat. */
  erase?(tx: Tx, whom: Whom): Promise<number>
  /** The last day on which something must be kept, ISO; `infinity` for always. Undefined: nothing is. */
  keptUntil?(tx: Tx, whom: Whom): Promise<string | undefined>
}

/** The rows of a table that name a member in one of its columns. */
export const rowsNaming =
  (table: string, column = 'member_id') =>
  ({ id }: Whom): SQL =>
    sql`SELECT * FROM ${sql.raw(table)} WHERE ${sql.raw(column)} = ${id}`

/** The rows of a table that belong to a member's subscriptions. */
export const rowsOfSubscriptions =
  (table: string, column = 'subscription_id') =>
  ({ id }: Whom): SQL =>
    sql`SELECT x.* FROM ${sql.raw(table)} x JOIN subscription s ON s.id = x.${sql.raw(column)} WHERE s.member_id = ${id}`

/** The rows of a table that belong to a member's configurations. */
export const rowsOfConfigurations =
  (table: string, column = 'configuration_id') =>
  ({ id }: Whom): SQL =>
    sql`SELECT x.* FROM ${sql.raw(table)} x JOIN configuration c ON c.id = x.${sql.raw(column)} JOIN subscription s ON s.id = c.subscription_id WHERE s.member_id = ${id}`

/** Erases by statements, and adds up how many rows they touched. */
export async function eraseBy(tx: Tx, ...statements: readonly SQL[]): Promise<number> {
  let erased = 0
  for (const statement of statements) erased += (await tx.execute(statement)).rowCount ?? 0
  return erased
}

/** The day that a statement selects as `until`, ISO. */
export async function dayOf(tx: Tx, statement: SQL): Promise<string | undefined> {
  const { rows } = await tx.execute<{ until: string | null }>(sql`SELECT (${statement})::text AS until`)
  return rows[0]?.until ?? undefined
}

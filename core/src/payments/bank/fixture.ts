import { sql } from 'drizzle-orm'
import type { TestCoin } from '../../testing/coin.ts'
import { on } from '../fixture.ts'
import { type ImportRow, importLines, importOf, type LineRow } from './import-queries.ts'
import { applyImport } from './imports.ts'
import { previewFile } from './preview.ts'

export const today = '2026-02-20'

/** A booking as a made-up bank exports it. */
export interface Booking {
  readonly day?: string
  readonly amount: string
  readonly label: string
  readonly name?: string
  readonly iban?: string
}

/** A CSV of a made-up bank. */
export const csv = (bookings: readonly Booking[]): string =>
  [
    'Date;Libellé;Montant;Nom du tiers;IBAN',
    ...bookings.map(({ day = '2026-02-10', amount, label, name = '', iban = '' }) =>
      [day, `"${label}"`, amount.replace('.', ','), name, iban].join(';'),
    ),
  ].join('\n')

/** Adds an account and returns its id. */
export async function addAccount(
  coin: TestCoin,
  name: string,
  given: { readonly ignoresOut?: boolean; readonly iban?: string } = {},
): Promise<number> {
  const { rows } = await coin.pool.query('INSERT INTO bank_account (name, ignores_out, iban) VALUES ($1, $2, $3) RETURNING id', [
    name,
    given.ignoresOut ?? false,
    given.iban ?? '',
  ])
  return Number(rows[0].id)
}

export interface Shown {
  readonly row: ImportRow
  readonly lines: readonly LineRow[]
}

/** Reads a file for an account, without importing it. Throws what is wrong with it. */
export const preview = (coin: TestCoin, accountId: number, content: string | Uint8Array, name = 'releve.csv'): Promise<Shown> =>
  on(coin, today, async tx => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    const found = await previewFile(tx, { accountId, name, bytes }, true)
    if (found.kind === 'problems') throw new Error(JSON.stringify(found.problems))
    return { row: await importOf(tx, found.importId), lines: await importLines(tx, found.importId, { limit: 10_000 }) }
  })

export const apply = (coin: TestCoin, { row }: Pick<Shown, 'row'>, overlapping = false): Promise<'applied' | 'moved'> =>
  on(coin, today, tx => applyImport(tx, { importId: row.id, digest: row.digest ?? '', overlapping }))

/** Reads and imports a file. */
export async function importFile(coin: TestCoin, accountId: number, content: string | Uint8Array, name?: string): Promise<Shown> {
  const shown = await preview(coin, accountId, content, name)
  await apply(coin, shown)
  return on(coin, today, async tx => ({
    row: await importOf(tx, shown.row.id),
    lines: await importLines(tx, shown.row.id, { limit: 10_000 }),
  }))
}

/** `outcome or state, whose, by what` of each line. */
export const told = (lines: readonly LineRow[]): string[] =>
  lines.map(({ outcome, state, payers, reason }) =>
    [outcome ?? state, payers.map(({ name }) => name).join('+') || '-', reason.by ?? '-'].join(' '),
  )

/** What members owe, by their id; nothing for nothing. */
export async function owed(coin: TestCoin): Promise<Record<string, string>> {
  const { rows } = await coin.database.db.execute<{ member_id: number; owed: string }>(
    sql`SELECT member_id, owed::text FROM member_balance`,
  )
  return Object.fromEntries(rows.map(row => [row.member_id, row.owed]))
}

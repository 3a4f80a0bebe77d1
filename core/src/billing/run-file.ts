import type { Tx } from '../db/database.ts'
import { csvCell } from '../system/csv-cell.ts'
import { proposalsOf } from './run-queries.ts'

const headings = [
  'member_id',
  'member',
  'description',
  'explanation',
  'first_day',
  'last_day',
  'quantity',
  'unit_price',
  'net',
  'vat_rate',
  'currency',
  'invoice_total',
]

/** Each line that a preview shows, as CSV (RFC 4180), piece by piece: exactly what applying it bills. */
export async function* previewFile(db: Tx, runId: number, size = 500): AsyncGenerator<string> {
  yield `${headings.join(',')}\r\n`
  for (let after = 0; ; ) {
    const rows = await proposalsOf(db, runId, { after, limit: size })
    if (rows.length === 0) return
    const lines = rows.flatMap(({ memberId, member, drafts }) =>
      drafts.flatMap(({ currency, total, lines }) =>
        lines.map(line => [
          memberId,
          member,
          line.description,
          line.explanation,
          line.first,
          dayBefore(line.end),
          line.quantity,
          line.unitPrice,
          line.net,
          line.vatRate,
          currency,
          total,
        ]),
      ),
    )
    yield lines.map(line => `${line.map(cell => csvCell(cell)).join(',')}\r\n`).join('')
    after = rows.at(-1)?.memberId ?? after
  }
}

const dayBefore = (day: string) => Temporal.PlainDate.from(day).subtract({ days: 1 }).toString()

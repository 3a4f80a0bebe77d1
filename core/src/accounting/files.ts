import type { Context } from 'hono'
import { currentScope } from '../app/scope.ts'
import { checkPeriod } from './checks.ts'
import { latin9 } from './encoding.ts'
import { fecFile, fecName } from './fec.ts'
import { invoiceCsv, invoicesOf } from './invoice-export.ts'
import { paymentCsv, paymentsOf } from './payment-export.ts'
import { checkOneYear, type Period } from './period.ts'
import { jsonArray, type Pieces, streamPieces } from './snapshot.ts'

export const fileKinds = ['fec.txt', 'invoices.csv', 'invoices.json', 'payments.csv', 'payments.json'] as const
export type FileKind = (typeof fileKinds)[number]

/** What writes a file of a period. */
export function piecesOf(kind: FileKind, period: Period): Pieces {
  switch (kind) {
    case 'fec.txt':
      return async function* (tx) {
        checkOneYear(period)
        await checkPeriod(tx, period)
        yield* fecFile(tx, period)
      }
    case 'invoices.csv':
      return tx => invoiceCsv(tx, period)
    case 'invoices.json':
      return tx => jsonArray(invoicesOf(tx, period))
    case 'payments.csv':
      return tx => paymentCsv(tx, period)
    case 'payments.json':
      return tx => jsonArray(paymentsOf(tx, period))
  }
}

/** Answers with a file, sent while it is written. */
export async function answerFile(c: Context, kind: FileKind, period: Period): Promise<Response> {
  const { db, registry } = currentScope()
  const { encoding } = registry.config.accounting.fec
  const old = kind === 'fec.txt' && encoding === 'iso-8859-15'
  const name = kind === 'fec.txt' ? fecName(period) : kind.replace('.', `-${period.from}-${period.to}.`)
  return c.body(await streamPieces(db, piecesOf(kind, period), old ? latin9 : undefined), 200, {
    'Content-Type': `${typeOf(kind)}; charset=${old ? encoding : 'utf-8'}`,
    'Content-Disposition': `attachment; filename="${name}"`,
    'Cache-Control': 'no-store',
  })
}

const typeOf = (kind: FileKind) => (kind.endsWith('.json') ? 'application/json' : kind.endsWith('.csv') ? 'text/csv' : 'text/plain')

import { once } from 'node:events'
import type { Command } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import { latin9 } from './encoding.ts'
import { type FileKind, piecesOf } from './files.ts'
import { readPeriod } from './period.ts'
import { todayIn } from './pull-view.ts'
import { writePieces } from './snapshot.ts'

const options = {
  from: 'the first day; of the financial year unless given <day>',
  to: 'the last day; today unless given <day>',
}

/** Writes a file to standard output while it is made. */
const written = (summary: string, kindOf: (json: boolean) => FileKind, more: Readonly<Record<string, string>> = {}): Command => ({
  summary,
  options: { ...options, ...more },
  async run({ options: { from, to, asJson } }, tx) {
    const { db, registry } = currentScope()
    const kind = kindOf(asJson === true)
    const period = readPeriod(textOf(from), textOf(to), await todayIn(tx))
    const old = kind === 'fec.txt' && registry.config.accounting.fec.encoding === 'iso-8859-15'
    await writePieces(db, piecesOf(kind, period), async piece => {
      if (!process.stdout.write(old ? latin9(piece) : piece)) await once(process.stdout, 'drain')
    })
    return undefined
  },
})

const textOf = (given: string | boolean | undefined) => (typeof given === 'string' ? given : undefined)
const asJson = { asJson: 'JSON instead of CSV' }

/** `coin accounting …` */
export const commands = {
  fec: written('the entries of a period as a FEC, for a French accountant', () => 'fec.txt'),
  invoices: written('the invoices of a period with their lines, as CSV', json => (json ? 'invoices.json' : 'invoices.csv'), asJson),
  payments: written('the payments of a period with what they cover, as CSV', json => (json ? 'payments.json' : 'payments.csv'), asJson),
}

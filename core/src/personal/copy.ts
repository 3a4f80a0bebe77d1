import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { PersonalData, Whom } from '../app/personal-data.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { toldAbout } from './history-rows.ts'
import { forReaders, type Kind, kindsOf, termOf } from './kinds.ts'
import { cleaner, type DataRow, rowsIn } from './rows.ts'
import { termWords } from './term-words.ts'
import { whomOf } from './whom.ts'

/** What a copy is made of, piece by piece and in this order. */
export type Piece =
  | { readonly is: 'head'; readonly provider: string; readonly name: string; readonly id: number; readonly madeAt: string }
  | {
      readonly is: 'kind'
      readonly data: PersonalData
      readonly label: string
      readonly purpose: string
      readonly term: string
      readonly keptUntil: string | undefined
    }
  | { readonly is: 'rows'; readonly table: string; readonly rows: readonly DataRow[] }

/** All that is held about a member, as of one moment: `tx` sees only that. */
export async function* copyOf(tx: Tx, memberId: number): AsyncGenerator<Piece> {
  const { registry } = currentScope()
  const kinds = kindsOf(registry)
  const whom = await whomOf(tx, memberId)
  const { name, names } = await namesOf(tx, whom)
  const clean = cleaner(registry, names)
  const told = await toldAbout(tx, kinds, whom)
  yield { is: 'head', provider: registry.providerName, name, id: memberId, madeAt: new Date().toISOString() }
  for (const kind of [...forReaders(kinds), history(JSON.stringify(told))]) {
    yield await headOf(tx, kind, whom)
    for (const [table, statement] of Object.entries(kind.data.rows))
      for await (const rows of rowsIn(tx, statement(whom)))
        yield { is: 'rows', table: table.replaceAll('"', ''), rows: rows.map(row => clean(table, row)) }
  }
}

const headOf = (tx: Tx, kind: Kind, whom: Whom): Promise<Piece> =>
  withinScope({ app: kind.app }, async () => ({
    is: 'kind' as const,
    data: kind.data,
    label: t(kind.data.label),
    purpose: t(kind.data.purpose),
    term: termWords(termOf(kind, currentScope().registry)),
    keptUntil: await kind.data.keptUntil?.(tx, whom),
  }))

async function namesOf(tx: Tx, { id, userId }: Whom): Promise<{ readonly name: string; readonly names: ReadonlySet<string> }> {
  const { rows } = await tx.execute<{ name: string; names: readonly (string | null)[] }>(sql`
    SELECT m.display_name AS name, jsonb_build_array(m.display_name, 'member', u.name, u.email) AS names
    FROM member m LEFT JOIN auth."user" u ON u.id = ${userId ?? null} WHERE m.id = ${id}`)
  const found = rows[0] ?? { name: '', names: [] }
  return { name: found.name, names: new Set(found.names.flatMap(each => each ?? [])) }
}

/** What changed, and whether the member did it. Erased with what it tells of. */
const history = (told: string): Kind => ({
  app: 'personal',
  data: {
    name: 'history',
    label: 'Changes of all this',
    purpose: 'To know what changed, and to mend mistakes.',
    basis: 'interest',
    term: { from: 'as long as what it tells of' },
    rows: {
      'coin.history': ({ userId }) => sql`
        SELECT h.table_name, h.row_id, h.op, h.at, CASE WHEN h.actor ->> 'user' = ${userId ?? null} THEN 'member' ELSE 'provider' END AS changed_by, h.changes
        FROM coin.history h JOIN jsonb_to_recordset(${told}::jsonb) AS k ("table" text, id bigint) ON k."table" = h.table_name AND k.id = h.row_id ORDER BY h.id`,
    },
  },
})
/** The kind that the history is, for the register. */
export const historyKind: Kind = history('[]')

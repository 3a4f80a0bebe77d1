import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Whom } from '../app/personal-data.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { Card, Empty, formatDate, Table } from '../ui/index.ts'
import type { ErasedPart } from './erasures.ts'
import { keptUntil } from './forget.ts'
import { forReaders, type Kind, kindsOf, termOf } from './kinds.ts'
import { termWords } from './term-words.ts'
import { whomOf } from './whom.ts'

/** One kind of data, and what an erasure does with it. */
interface Line {
  readonly label: string
  /** ISO or `infinity`; undefined when it goes at once. */
  readonly keptUntil: string | undefined
  readonly why: string
}

/** What an erasure would erase now, and what it would keep. */
export async function outlookOf(tx: Tx, memberId: number): Promise<readonly Line[]> {
  const kinds = kindsOf(currentScope().registry)
  const whom = await whomOf(tx, memberId)
  const kept = await keptUntil(tx, kinds, whom)
  const there = await heldOf(tx, kinds, whom)
  return linesOf(new Map(kinds.filter(({ data }) => there.has(data.name)).map(({ data }) => [data.name, kept.get(data.name)])))
}

/** The kinds of which there is anything: one statement, however many. */
async function heldOf(tx: Tx, kinds: readonly Kind[], whom: Whom): Promise<ReadonlySet<string>> {
  const asked = kinds.map(({ data }) => {
    const any = Object.values(data.rows).map(rows => sql`EXISTS (${rows(whom)})`)
    return sql`SELECT ${data.name} AS name WHERE ${sql.join(any, sql` OR `)}`
  })
  const { rows } = await tx.execute<{ name: string }>(sql.join(asked, sql` UNION ALL `))
  return new Set(rows.map(({ name }) => name))
}

/** What was erased, and what is still kept. */
export const outcomeOf = (parts: readonly ErasedPart[]): readonly Line[] =>
  linesOf(new Map(parts.map(({ name, keptUntil }) => [name, keptUntil ?? undefined])))

function linesOf(kept: ReadonlyMap<string, string | undefined>): readonly Line[] {
  const { registry } = currentScope()
  return forReaders(kindsOf(registry))
    .filter(({ data }) => kept.has(data.name))
    .map(kind => ({
      label: withinScope({ app: kind.app }, () => t(kind.data.label)),
      keptUntil: kept.get(kind.data.name),
      why: withinScope({ app: kind.app }, () => termWords(termOf(kind, registry))),
    }))
}

/** What goes and what stays, side by side. */
export const Outlook = ({ lines, done = false }: { lines: readonly Line[]; done?: boolean }) => {
  const kept = lines.filter(line => line.keptUntil !== undefined)
  const gone = lines.filter(line => line.keptUntil === undefined)
  return (
    <div class="cols even">
      <Card title={done ? t('Erased') : t('Erased at once')}>
        <ul>
          {gone.map(({ label }) => (
            <li>{label}</li>
          ))}
        </ul>
      </Card>
      <Card title={t('Kept for its term')} body={false}>
        <Table<Line>
          caption={t('Kept for its term')}
          rows={kept}
          empty={<Empty title={t('Nothing is kept')} icon="check" />}
          columns={[
            { key: 'label', label: t('What'), render: ({ label }) => label, sub: ({ why }) => why },
            {
              key: 'until',
              label: t('Kept until'),
              align: 'end',
              render: ({ keptUntil }) => (
                <span class="text-nowrap">{keptUntil === 'infinity' ? t('Without end') : formatDate(keptUntil ?? '', 'table')}</span>
              ),
            },
          ]}
        />
      </Card>
    </div>
  )
}

import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { Table } from '../ui/index.ts'
import { historyKind } from './copy.ts'
import { forReaders, type Kind, kindsOf, termOf } from './kinds.ts'
import { basisWords, termWords } from './term-words.ts'

interface Line {
  readonly label: string
  readonly purpose: string
  readonly basis: string
  readonly term: string
  readonly tables: string
}

/** What is held about members, why, what allows it, and for how long. */
export const RegisterTable = ({ withTables = false }: { withTables?: boolean }) => (
  <Table<Line>
    caption={t('What is held about members')}
    rows={linesOf()}
    top
    columns={[
      { key: 'label', label: t('What'), render: ({ label }) => label, sub: ({ purpose }) => purpose, narrow: ({ basis }) => basis },
      { key: 'basis', label: t('What allows it'), wide: true, render: ({ basis }) => basis },
      { key: 'term', label: t('For how long'), render: ({ term }) => term },
      ...(withTables
        ? [{ key: 'tables', label: t('Tables'), wide: true, render: ({ tables }: Line) => <span class="quiet small">{tables}</span> }]
        : []),
    ]}
  />
)

function linesOf(): readonly Line[] {
  const { registry } = currentScope()
  return [...forReaders(kindsOf(registry)), historyKind].map((kind: Kind) =>
    withinScope({ app: kind.app }, () => ({
      label: t(kind.data.label),
      purpose: t(kind.data.purpose),
      basis: basisWords(kind.data.basis),
      term: termWords(termOf(kind, registry)),
      tables: Object.keys(kind.data.rows).join(', ').replaceAll('"', ''),
    })),
  )
}

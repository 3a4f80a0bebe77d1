import { t } from '../../app/i18n.ts'
import { currentScope } from '../../app/scope.ts'
import { ButtonLink, Card, CardBody, Note, State, Table } from '../../ui/index.ts'
import { Changes } from '../timeline.tsx'
import type { ImportFile } from './import-file.ts'
import type { ImportOutcome, SampleRow } from './import-outcome.ts'
import { importPath } from './import-path.ts'
import { type ToldProblem, tellProblems } from './problem-words.ts'

/** Mistakes on one page: a file of a thousand is mended from the list in a file. */
const mostShown = 1000

/** Every mistake at once: where it stands, and what to do. */
export function ProblemTable({ file, outcome }: { file: ImportFile; outcome: ImportOutcome }) {
  const { problems } = outcome
  const several = outcome.counts.length > 1
  return (
    <Card
      title={t('{{count}} mistakes', { count: problems.length })}
      body={false}
      actions={
        <ButtonLink href={importPath(file.id, 'problems.csv')} icon="download">
          {t('As a file')}
        </ButtonLink>
      }
    >
      {problems.length > mostShown && (
        <CardBody>
          <Note tone="wait">{t('The first {{count}} are shown. The file has all of them.', { count: mostShown })}</Note>
        </CardBody>
      )}
      <Table<ToldProblem>
        caption={t('Mistakes, by line')}
        rows={tellProblems(currentScope().registry, problems.slice(0, mostShown))}
        columns={[
          {
            key: 'line',
            label: t('Line'),
            render: ({ line }) => (line === 0 ? t('All') : String(line)),
            sub: ({ kind }) => (several ? kind : ''),
          },
          {
            key: 'field',
            label: t('Field'),
            render: ({ field }) => field || t('Whole row'),
            sub: ({ text }) => text && <span class="text-break">{text}</span>,
          },
          { key: 'message', label: t('What to do'), render: ({ message }) => message },
        ]}
      />
    </Card>
  )
}

/** The first rows, with what they would do. */
export function SampleTable({ outcome }: { outcome: ImportOutcome }) {
  return (
    <Card title={t('The first rows')} body={false}>
      <Table<SampleRow>
        caption={t('The first rows, and what they would do')}
        rows={outcome.sample}
        columns={[
          {
            key: 'name',
            label: t('Row'),
            render: ({ name }) => <span class="text-break">{name}</span>,
            sub: ({ line }) => t('Line {{line}}', { line }),
          },
          {
            key: 'verdict',
            label: t('What happens'),
            render: ({ verdict }) =>
              verdict === 'new' ? <State tone="ok">{t('Added')}</State> : <State tone="wait">{t('Changed')}</State>,
          },
          ...(outcome.sample.some(({ changes }) => changes.length > 0)
            ? [{ key: 'changes', label: t('Changes'), wide: true, render: ({ changes }: SampleRow) => <Changes changes={changes} /> }]
            : []),
        ]}
      />
    </Card>
  )
}

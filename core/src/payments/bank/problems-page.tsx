import { t } from '../../app/i18n.ts'
import { ButtonLink, Card, Flash, formatNumber, Page, Stack, Table } from '../../ui/index.ts'
import type { StatementProblem } from '../statement/statement.ts'
import { bankPath, importPath } from './paths.ts'

/** Why a file was not imported: every problem with its line and field. Nothing of the file is. */
export const ProblemsPage = ({
  fileName,
  problems,
  importId,
}: {
  fileName: string
  problems: readonly StatementProblem[]
  /** A CSV that waits: its columns may be the reason. */
  importId?: number | undefined
}) => (
  <Page
    title={t('Nothing was imported')}
    crumbs={[{ label: t('Bank statements'), href: bankPath() }]}
    actions={
      <>
        {importId !== undefined && (
          <ButtonLink href={importPath(importId, 'columns')} icon="adjustments">
            {t('Choose the columns')}
          </ButtonLink>
        )}
        <ButtonLink href={bankPath()} kind="primary">
          {t('Give another file')}
        </ButtonLink>
      </>
    }
  >
    <Stack>
      <Flash kind="fail">
        {t('{{count}} things in {{file}} cannot be read, so that nothing of it was imported.', { count: problems.length, file: fileName })}
      </Flash>
      <Card title={t('What is wrong')} body={false}>
        <ProblemsTable problems={problems} />
      </Card>
    </Stack>
  </Page>
)

/** Problems in the order of the file. */
export const ProblemsTable = ({ problems }: { problems: readonly StatementProblem[] }) => (
  <Table<StatementProblem>
    caption={t('What is wrong')}
    rows={problems}
    top
    columns={[
      { key: 'message', label: t('Problem'), render: ({ message, values }) => t(message, values) },
      { key: 'field', label: t('Field'), render: ({ field }) => field ?? '–' },
      { key: 'line', label: t('Line of the file'), align: 'num', render: ({ line }) => (line === undefined ? '–' : formatNumber(line)) },
    ]}
  />
)

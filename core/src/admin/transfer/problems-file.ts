import { t } from '../../app/i18n.ts'
import { currentScope } from '../../app/scope.ts'
import type { View } from '../../app/view.ts'
import { streamOf } from '../../web/stream.ts'
import { requireImportFile } from './import-file.ts'
import { tellProblems } from './problem-words.ts'
import { writeCsv } from './write-csv.ts'

/** Everything that is wrong with a file, as a file. */
export const problemsView: View = {
  path: '/admin/import/:id{[0-9]+}/problems.csv',
  access: 'staff',
  narrows: true,
  async get(c) {
    const { registry, db } = currentScope()
    const file = await requireImportFile(db, Number(c.req.param('id')))
    const rows = tellProblems(registry, file.outcome?.problems ?? []).map(({ kind, line, field, text, message }) => [
      kind,
      line === 0 ? null : line,
      field,
      text,
      message,
    ])
    const headers = [t('What'), t('Line'), t('Field'), t('What stands there'), t('What to do')]
    return c.body(
      streamOf(
        writeCsv(
          headers,
          (async function* () {
            yield rows
          })(),
        ),
      ),
      200,
      {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="import-${file.id}-problems.csv"`,
        'Cache-Control': 'no-store',
      },
    )
  },
}

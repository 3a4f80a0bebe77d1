import type { Context } from '../../app/html.ts'
import { t } from '../../app/i18n.ts'
import { currentScope, withinScope } from '../../app/scope.ts'
import type { View } from '../../app/view.ts'
import { CoinError, type FieldError, invalid, isCoinError } from '../../errors.ts'
import { Card, errorOf, Field, Form, Page, Stack, sitePath } from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { enqueueImport } from './background.ts'
import { dropImportFile, keepImportFile, requireImportFile } from './import-file.ts'
import { importPath, uploadPath } from './import-path.ts'
import { importableBy, kindsIn } from './kinds.ts'
import { largestFile } from './read-file.ts'
import { checkImport, isQuick } from './work-on-import.ts'

const mebibyte = 1024 * 1024

/** Takes a file of rows: CSV, XLSX or JSON. Who may import nothing is refused. */
export const uploadView: View = {
  path: '/admin/import',
  access: 'staff',
  narrows: true,
  largestBody: largestFile + mebibyte,
  get: c => show(c, { kind: c.req.query('kind') ?? '' }),
  async post(c) {
    requireSome()
    const form = await c.req.parseBody()
    const kind = typeof form.kind === 'string' ? form.kind : ''
    try {
      const id = await receive(c, kind, form.file)
      return redirectTo(c, importPath(id))
    } catch (error) {
      if (!isCoinError(error) || error.code !== 'invalid') throw error
      c.status(422)
      return show(c, { kind, errors: error.fields })
    }
  },
}

async function receive(c: Context, kind: string, file: unknown): Promise<number> {
  const { coin, actor } = c.var
  const { db } = coin.database
  if (!(file instanceof File) || file.name === '') throw invalid('file', 'Choose a file.')
  if (kind !== '' && !importableBy(coin.registry, actor).some(({ name }) => name === kind))
    throw invalid('kind', 'Choose what the rows are.')
  const content = Buffer.from(await file.arrayBuffer())
  if (content.length === 0) throw invalid('file', 'The file is empty.')
  const id = await coin.transaction(actor, tx => keepImportFile(tx, { kind, name: file.name, content }))
  const kept = await requireImportFile(db, id)
  if (!isQuick(kept)) {
    await coin.transaction(actor, tx => enqueueImport(tx, id))
    return id
  }
  try {
    await checkImport(coin, kept, db)
    return id
  } catch (error) {
    await dropImportFile(db, id)
    throw error
  }
}

function requireSome() {
  const { registry, actor } = currentScope()
  if (importableBy(registry, actor).length === 0)
    throw new CoinError('forbidden', 'You may not open this page.', { hint: 'Ask somebody who works for the provider.' })
}

interface Shown {
  readonly kind: string
  readonly errors?: readonly FieldError[]
}

function show(_c: Context, { kind, errors = [] }: Shown) {
  requireSome()
  const { registry, actor } = currentScope()
  const mine = importableBy(registry, actor)
  const known = kindsIn(registry).get(kind)
  const resource = known?.resource ?? registry.resources.get(kind)?.resource
  const of = resource && withinScope({ app: known?.app ?? 'coin' }, () => t(resource.labelPlural))
  const options = [
    { value: '', label: t('As the file says, several kinds at once') },
    ...mine.map(({ name, app, resource: each }) => ({ value: name, label: withinScope({ app }, () => t(each.labelPlural)) })),
  ]
  const empty = mine.some(({ name }) => name === kind)
  return (
    <Page
      title={of ? t('Import: {{kinds}}', { kinds: of }) : t('Import')}
      crumbs={resource && of ? [{ label: of, href: sitePath(`/admin/${resource.plural}`) }] : []}
      errors={errors}
    >
      <Stack>
        <Card title={t('Choose a file')}>
          <Form action={uploadPath()} submit={t('Show what it would do')} multipart frame="plain" note={t('Nothing is imported yet.')}>
            <Field
              name="kind"
              kind="select"
              label={t('What the rows are')}
              value={empty ? kind : ''}
              options={options}
              error={errorOf(errors, 'kind')}
            />
            <Field
              name="file"
              label={t('File')}
              kind="file"
              error={errorOf(errors, 'file')}
              hint={t('CSV, XLSX or JSON, {{megabytes}} MB at most. What is there already is found by its id or its name, and changed.', {
                megabytes: largestFile / mebibyte,
              })}
              attributes={{ accept: '.csv,.tsv,.txt,.xlsx,.json' }}
            />
          </Form>
        </Card>
        {empty && (
          <Card title={t('An empty file to begin with')}>
            <p>{t('It has a column for each field. Leave out what you do not need, and name columns by field or by label.')}</p>
            <p class="actions">
              {(['csv', 'xlsx'] as const).map(format => (
                <a class="btn" href={`${sitePath('/admin/import/empty')}?kind=${encodeURIComponent(kind)}&format=${format}`}>
                  {t('Empty file, {{format}}', { format: format.toUpperCase() })}
                </a>
              ))}
            </p>
          </Card>
        )}
      </Stack>
    </Page>
  )
}

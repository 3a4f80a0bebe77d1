import { t } from '../../app/i18n.ts'
import type { AnyResource } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import { CoinError } from '../../errors.ts'
import { Card, Facts, Field, Form, Page, Stack, sitePath } from '../../ui/index.ts'
import { streamOf } from '../../web/stream.ts'
import { inSentence } from '../find.ts'
import { type Selection, selectionOf } from '../list.ts'
import { readListQuery } from '../list-query.ts'
import type { AdminRequest } from '../mount.ts'
import { crumbsOf, pathOf } from '../row-pages.tsx'
import { countExported, exportTable, kindShown } from './export-table.ts'
import { formatLabels, formatNamed, formats, mediaTypes, writeTable } from './formats.ts'
import { isImportable } from './kinds.ts'

/** The page that says what an export would have; with a `format`, the file. */
export async function exportPage(request: AdminRequest): Promise<Response> {
  const { c, coin, resource } = request
  const asked = c.req.query('format')
  if (asked !== undefined) return download(request, asked)
  const query = readListQuery(new URL(c.req.url).searchParams)
  const count = await countExported(coin, resource, query)
  const selection = await selectionOf(resource, coin.database.db, query)
  return c.html(
    <ExportPage resource={resource} count={count} selection={selection} kind={kindShown(coin.registry, resource, query.view)} />,
  )
}

async function download({ c, coin, resource }: AdminRequest, asked: string): Promise<Response> {
  const format = formatNamed(asked)
  if (!format) throw new CoinError('invalid', 'A file can be CSV, XLSX or JSON.', { hint: 'Open the page again and choose one.' })
  const query = new URL(c.req.url).searchParams
  query.delete('format')
  const plain = query.get('mark') === 'no'
  query.delete('mark')
  const table = await exportTable(coin, resource, readListQuery(query))
  return c.body(streamOf(writeTable(format, table, { mark: !plain })), 200, {
    'Content-Type': mediaTypes[format],
    'Content-Disposition': `attachment; filename="${resource.plural}-${todayIn(coin.registry.timeZone)}.${format}"`,
    'Cache-Control': 'no-store',
  })
}

/** The day where the provider is. */
const todayIn = (timeZone: string) => Temporal.Now.plainDateISO(timeZone).toString()

interface ExportPageProps {
  readonly resource: AnyResource
  readonly kind: AnyResource
  readonly count: number
  readonly selection: Selection
}

function ExportPage({ resource, kind, count, selection }: ExportPageProps) {
  const { query } = currentScope()
  const again = Object.fromEntries([...query].filter(([name]) => !['page', 'size', 'after', 'before', 'format', 'saved'].includes(name)))
  const kinds = inSentence(t(resource.labelPlural))
  return (
    <Page title={t('Export: {{kinds}}', { kinds: t(resource.labelPlural) })} crumbs={crumbsOf(resource)}>
      <Stack>
        <Card title={t('{{count}} rows', { count })}>
          <Facts items={chosen(selection)} />
        </Card>
        <Form
          action={sitePath(`/admin/${resource.plural}/export`)}
          method="get"
          submit={t('Download')}
          hidden={again}
          cancel={pathOf(resource)}
        >
          <Field
            name="format"
            label={t('Format')}
            value="csv"
            options={formats.map(format => ({ value: format, label: formatLabels[format], hint: hintOf(format) }))}
          />
          <p class="hint">
            {t('All the rows, not only a page, with every field of the forms and the columns of the list. Never what is secret.')}{' '}
            {isImportable(kind) && t('The file can be changed and imported again: {{kinds}} are found by their id.', { kinds })}
          </p>
        </Form>
      </Stack>
    </Page>
  )
}

function hintOf(format: (typeof formats)[number]): string {
  if (format === 'csv') return t('For spreadsheets and other programs')
  return format === 'xlsx' ? t('For Excel and LibreOffice') : t('For programs')
}

/** What the rows were narrowed by. */
function chosen({ list, search, view, filters, choices }: Selection) {
  const shown = list.views?.find(({ name }) => name === view)
  return [
    { label: t('View'), value: shown ? t(shown.label) : t('All') },
    ...(search ? [{ label: t('Search'), value: search }] : []),
    ...Object.entries(filters).map(([name, value]) => ({
      label: t(list.filters?.[name.replace(/_(from|to)$/, '')]?.label ?? list.filters?.[name]?.label ?? name),
      value: t(choices[name]?.find(choice => choice.value === value)?.label ?? value),
    })),
  ]
}

import type { Context } from 'hono'
import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import { type FieldError, isCoinError } from '../../errors.ts'
import {
  Button,
  ButtonLink,
  Card,
  CardBody,
  Confirm,
  Empty,
  errorOf,
  Field,
  formatDate,
  formatMoney,
  formatNumber,
  formatRange,
  Moment,
  Note,
  Page,
  Pager,
  PostButton,
  Stack,
  Stats,
  Table,
  Views,
} from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { ImportState } from './bank-page.tsx'
import { type ImportRow, importLines, importOf, type LineRow, type Overlap, overlapsOf } from './import-queries.ts'
import { applyImport, dropImport } from './imports.ts'
import { bankPath, importPath, linePath, unmatchedPath } from './paths.ts'
import { redoImport, undoImport } from './undo.ts'
import { formatNames, LineState, Payers, payerOf, sayReason } from './words.tsx'

const pageSize = 100

/** In the order of the tabs. */
const tabs: readonly { readonly what: string; readonly label: () => string }[] = [
  { what: 'match', label: () => t('Matched lines') },
  { what: 'matched', label: () => t('Matched lines') },
  { what: 'return', label: () => t('Returned lines') },
  { what: 'none', label: () => t('Lines to settle') },
  { what: 'unmatched', label: () => t('Lines to settle') },
  { what: 'ignore', label: () => t('Lines left aside') },
  { what: 'ignored', label: () => t('Lines left aside') },
  { what: 'known', label: () => t('Known lines') },
]

const countOf = ({ lines }: ImportRow, ...what: string[]) =>
  lines.reduce((sum, line) => (what.includes(line.what) ? sum + line.count : sum), 0)
const amountOf = ({ lines }: ImportRow, ...what: string[]) => lines.find(line => what.includes(line.what))?.amount ?? '0'

interface Shown {
  readonly moved?: boolean
  readonly errors?: readonly FieldError[]
}

async function show(c: Context, { moved, errors = [] }: Shown = {}) {
  const { db } = c.var.coin.database
  const row = await importOf(db, Number(c.req.param('id')))
  if (row.state === 'uploaded') return redirectTo(c, importPath(row.id, 'columns'))
  const what = tabs.some(tab => tab.what === c.req.query('show')) ? c.req.query('show') : undefined
  const total = what ? countOf(row, what) : row.lines.reduce((sum, { count }) => sum + count, 0)
  const page = Math.min(Math.max(1, Number(c.req.query('page')) || 1), Math.max(1, Math.ceil(total / pageSize)))
  const lines = await importLines(db, row.id, { what, offset: (Math.trunc(page) - 1) * pageSize, limit: pageSize })
  const overlaps = row.state === 'previewed' ? await overlapsOf(db, row.id) : []
  return (
    <Page
      title={row.fileName}
      errors={errors}
      crumbs={[{ label: t('Bank statements'), href: bankPath() }]}
      head={
        <>
          <ImportState state={row.state} /> <span class="quiet">{subtitle(row)}</span>
        </>
      }
      actions={<Actions row={row} />}
    >
      <Stack>
        {moved && (
          <Note tone="drift">
            {t('Something changed since this was shown, so that nothing was imported. This is what the import would do now.')}
          </Note>
        )}
        <Stats items={figures(row)} />
        {row.state === 'previewed' && <Decide row={row} overlaps={overlaps} errors={errors} />}
        <Card title={t('Lines')} body={false}>
          <CardBody>
            <Views
              items={[
                { label: t('All'), href: importPath(row.id), count: row.lines.reduce((sum, { count }) => sum + count, 0), current: !what },
                ...tabs
                  .filter(tab => countOf(row, tab.what) > 0)
                  .map(tab => ({
                    label: tab.label(),
                    href: `${importPath(row.id)}?show=${tab.what}`,
                    count: countOf(row, tab.what),
                    current: what === tab.what,
                  })),
              ]}
            />
          </CardBody>
          <Lines rows={lines} />
          <Pager page={Math.trunc(page)} pageSize={pageSize} total={total} />
        </Card>
      </Stack>
    </Page>
  )
}

const subtitle = ({ account, format, from, until }: ImportRow) =>
  [account, formatNames[format ?? ''], from && formatRange(from, until)].filter(Boolean).join(' · ')

const Actions = ({ row }: { row: ImportRow }) => (
  <>
    {row.state === 'previewed' && row.hasContent && (
      <ButtonLink href={importPath(row.id, 'columns')} icon="adjustments">
        {t('Columns')}
      </ButtonLink>
    )}
    {row.state === 'applied' && countOf(row, 'unmatched') > 0 && <ButtonLink href={unmatchedPath()}>{t('Settle the lines')}</ButtonLink>}
    {row.state === 'applied' && <ButtonLink href={importPath(row.id, 'undo')}>{t('Undo the import')}</ButtonLink>}
    {row.state === 'undone' && <PostButton action={importPath(row.id, 'redo')}>{t('Show it again')}</PostButton>}
  </>
)

function figures(row: ImportRow) {
  const shown = row.state === 'previewed'
  const known = shown ? countOf(row, 'known') : (row.counts.known ?? 0)
  const zero = row.counts.zero ?? 0
  return [
    {
      label: t('Matched lines'),
      value: formatNumber(countOf(row, 'match', 'matched', 'return')),
      note: formatMoney(amountOf(row, 'match', 'matched'), row.currency),
    },
    {
      label: t('Lines to settle'),
      value: formatNumber(countOf(row, 'none', 'unmatched')),
      note: formatMoney(amountOf(row, 'none', 'unmatched'), row.currency),
    },
    {
      label: t('Lines left aside'),
      value: formatNumber(countOf(row, 'ignore', 'ignored')),
      note: formatMoney(amountOf(row, 'ignore', 'ignored'), row.currency),
    },
    {
      label: t('Known lines'),
      value: formatNumber(known),
      note:
        zero > 0
          ? t('of {{lines}}, and {{count}} lines of zero', { lines: formatNumber(row.counts.lines ?? 0), count: zero })
          : t('of {{total}}', { total: formatNumber(row.counts.lines ?? 0) }),
    },
  ]
}

/** What is about to be done, and the two buttons. */
function Decide({ row, overlaps, errors }: { row: ImportRow; overlaps: readonly Overlap[]; errors: readonly FieldError[] }) {
  const [payments, waiting] = [countOf(row, 'match', 'return'), countOf(row, 'none')]
  const nothing = row.lines.every(({ what }) => what === 'known')
  return (
    <section class="card plan" aria-labelledby="decide-title">
      <div class="card-header">
        <h2 id="decide-title">{t('Import this statement?')}</h2>
      </div>
      <div class="card-body">
        {nothing ? (
          <p>{t('Every line of this file was imported before. There is nothing to import.')}</p>
        ) : (
          <p>
            {t('{{count}} payments are recorded, and pay what is open at once.', { count: payments })}{' '}
            {t('{{count}} lines wait for a person.', { count: waiting })}
          </p>
        )}
        {overlaps.map(overlap => (
          <Note tone="drift">
            {t(
              '{{file}} was imported as {{format}} for {{range}}, which overlaps. The same booking has another form there and is not recognised: {{same}} of these lines have the day and amount of one of its lines.',
              {
                file: overlap.fileName,
                format: formatNames[overlap.format] ?? '',
                range: formatRange(overlap.from, overlap.until),
                same: formatNumber(overlap.same),
              },
            )}
          </Note>
        ))}
      </div>
      <form class="bulk" method="post" action={importPath(row.id)}>
        <input type="hidden" name="digest" value={row.digest ?? ''} />
        {overlaps.length > 0 && !nothing && (
          <Field
            name="overlapping"
            label={t('I compared them: these are other bookings')}
            kind="checkbox"
            error={errorOf(errors, 'overlapping')}
          />
        )}
        {!nothing && (
          <Button kind="primary" name="do" value="import">
            {t('Import')}
          </Button>
        )}
        <Button name="do" value="drop">
          {t('Forget this file')}
        </Button>
      </form>
    </section>
  )
}

const Lines = ({ rows }: { rows: readonly LineRow[] }) => (
  <Table<LineRow>
    caption={t('Lines in the order of the file')}
    rows={rows}
    top
    empty={<Empty title={t('No lines')} icon="list" />}
    rowHref={({ id, state }) => (state === 'proposed' ? undefined : linePath(id))}
    columns={[
      {
        key: 'payer',
        label: t('Line'),
        render: payerOf,
        sub: ({ label, name, bookedOn, fileLine }) =>
          [formatDate(bookedOn, 'table'), name && label, t('line {{line}}', { line: fileLine })].filter(Boolean).join(' · '),
      },
      {
        key: 'what',
        label: t('What'),
        render: line => <LineState line={line} />,
        sub: line => (
          <>
            {line.payers.length > 0 && (
              <>
                <Payers line={line} />
                {'. '}
              </>
            )}
            {line.outcome !== 'known' && line.state !== 'undone' && sayReason(line.reason)}
          </>
        ),
      },
      { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount, currency }) => formatMoney(amount, currency) },
    ]}
  />
)

/** What an import does before it is done, or did. */
export const importView: View = {
  path: '/admin/bank/imports/:id{[0-9]+}',
  access: 'bank.import',
  get: c => show(c),
  async post(c) {
    const { coin, actor } = c.var
    const importId = Number(c.req.param('id'))
    const form = await c.req.parseBody()
    if (form.do === 'drop') {
      await coin.transaction(actor, tx => dropImport(tx, importId))
      return redirectTo(c, bankPath(), t('The file is forgotten. Nothing of it was imported.'))
    }
    try {
      const digest = typeof form.digest === 'string' ? form.digest : ''
      const result = await coin.transaction(actor, tx => applyImport(tx, { importId, digest, overlapping: form.overlapping === 'true' }))
      if (result === 'applied') return redirectTo(c, importPath(importId), t('The statement is imported.'))
    } catch (error) {
      if (!isCoinError(error) || error.code === 'not_found') throw error
      c.status(422)
      return show(c, { errors: error.fields.length > 0 ? error.fields : [{ field: '', message: error.message, values: error.values }] })
    }
    c.status(409)
    return show(c, { moved: true })
  },
}

/** Takes an import back, after one more look. */
export const undoView: View = {
  path: '/admin/bank/imports/:id{[0-9]+}/undo',
  access: 'bank.import',
  async get(c) {
    return <UndoPage row={await importOf(c.var.coin.database.db, Number(c.req.param('id')))} />
  },
  async post(c) {
    const { coin, actor } = c.var
    const id = Number(c.req.param('id'))
    try {
      await coin.transaction(actor, tx => undoImport(tx, id))
    } catch (error) {
      if (!isCoinError(error) || error.code === 'not_found') throw error
      c.status(409)
      return (
        <UndoPage
          row={await importOf(coin.database.db, id)}
          refusal={[t(error.message, error.values), error.hint ? t(error.hint) : ''].filter(Boolean).join(' ')}
        />
      )
    }
    return redirectTo(c, importPath(id), t('The import is undone.'))
  },
}

const UndoPage = ({ row, refusal }: { row: ImportRow; refusal?: string }) => (
  <Confirm
    title={t('Undo the import of {{file}}?', { file: row.fileName })}
    crumbs={[
      { label: t('Bank statements'), href: bankPath() },
      { label: row.fileName, href: importPath(row.id) },
    ]}
    action={importPath(row.id, 'undo')}
    submit={t('Undo the import')}
    back={importPath(row.id)}
  >
    {refusal && <Note tone="fail">{refusal}</Note>}
    <p>
      {t('{{count}} matched lines lose their payments, those settled by hand too. What they paid is open again.', {
        count: countOf(row, 'matched'),
      })}
    </p>
    <p>{t('Rules that were learned stay. The same file can be imported again.')}</p>
    {row.appliedAt && (
      <p class="quiet">
        {t('Imported by {{name}}', { name: row.appliedBy ?? '' })}, <Moment at={row.appliedAt} />
      </p>
    )}
  </Confirm>
)

/** Shows the lines of an undone import once more. */
export const redoView: View = {
  path: '/admin/bank/imports/:id{[0-9]+}/redo',
  access: 'bank.import',
  async post(c) {
    const { coin, actor } = c.var
    const id = Number(c.req.param('id'))
    await coin.transaction(actor, tx => redoImport(tx, id))
    return redirectTo(c, importPath(id), t('This is what the import would do now.'))
  },
}

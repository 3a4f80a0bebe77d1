import type { Context } from 'hono'
import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../../errors.ts'
import {
  ButtonLink,
  Card,
  Empty,
  errorOf,
  Field,
  Form,
  formatDate,
  formatNumber,
  formatRange,
  Page,
  Stack,
  State,
  sitePath,
  Table,
} from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { type ImportRow, listImports } from './import-queries.ts'
import { bankPath, importPath, unmatchedPath } from './paths.ts'
import { previewFile } from './preview.ts'
import { ProblemsPage } from './problems-page.tsx'
import { unmatchedCount } from './queries.ts'
import { bankAccounts } from './tables.ts'
import { formatNames } from './words.tsx'

const megabytes = 32
/** What may be uploaded at most, in bytes; the command takes larger files. */
export const largestUpload = (megabytes + 1) * 1024 * 1024

async function show(c: Context, typed: Readonly<Record<string, string>> = {}, errors: readonly FieldError[] = []) {
  const { db } = c.var.coin.database
  const accounts = await db.select({ id: bankAccounts.id, name: bankAccounts.name }).from(bankAccounts).orderBy(bankAccounts.name)
  const [imports, waiting] = [await listImports(db), await unmatchedCount(db)]
  return (
    <Page
      title={t('Bank statements')}
      errors={errors}
      head={waiting.count > 0 && <State tone="drift">{t('{{count}} bank lines to settle', { count: waiting.count })}</State>}
      actions={
        <>
          {waiting.count > 0 && <ButtonLink href={unmatchedPath()}>{t('Settle them')}</ButtonLink>}
          <ButtonLink href={sitePath('/admin/bank-accounts')} icon="building-bank">
            {t('Accounts')}
          </ButtonLink>
          <ButtonLink href={sitePath('/admin/bank-rules')} icon="list-check">
            {t('Rules')}
          </ButtonLink>
        </>
      }
    >
      <Stack>
        {accounts.length === 0 ? (
          <Card title={t('Import a statement')} body={false}>
            <Empty
              title={t('No bank account yet')}
              icon="building-bank"
              actions={
                <ButtonLink kind="primary" href={sitePath('/admin/bank-accounts/new')}>
                  {t('Add a bank account')}
                </ButtonLink>
              }
            >
              {t('Name the account that members pay to. Then its statements can be imported.')}
            </Empty>
          </Card>
        ) : (
          <Card title={t('Import a statement')}>
            <Form
              action={`${bankPath()}/upload`}
              submit={t('Show what it would do')}
              multipart
              frame="plain"
              note={t('Nothing is imported yet.')}
            >
              <Field
                name="account"
                label={t('Account')}
                value={typed.account ?? String(accounts[0]?.id)}
                error={errorOf(errors, 'account')}
                options={accounts.map(({ id, name }) => ({ value: String(id), label: name }))}
              />
              <Field
                name="file"
                label={t('File of the bank')}
                kind="file"
                error={errorOf(errors, 'file')}
                hint={t('CAMT.053, OFX or CSV, {{megabytes}} MB at most. Days that were imported before do no harm.', { megabytes })}
                attributes={{ accept: '.xml,.ofx,.csv,.txt,.qfx' }}
              />
            </Form>
          </Card>
        )}
        {imports.length > 0 && <Imports rows={imports} />}
      </Stack>
    </Page>
  )
}

const Imports = ({ rows }: { rows: readonly ImportRow[] }) => (
  <Card title={t('Imports')} body={false}>
    <Table<ImportRow>
      caption={t('Imports, newest first')}
      rows={rows}
      rowHref={({ id, state }) => importPath(id, state === 'uploaded' ? 'columns' : '')}
      columns={[
        {
          key: 'file',
          label: t('File'),
          render: ({ fileName }) => fileName,
          sub: ({ account, format, from, until }) =>
            [account, formatNames[format ?? ''], from && formatRange(from, until)].filter(Boolean).join(' · '),
        },
        { key: 'state', label: t('State'), render: ({ state }) => <ImportState state={state} /> },
        { key: 'lines', label: t('New lines'), align: 'num', wide: true, render: row => formatNumber(newLines(row)) },
        {
          key: 'when',
          label: t('When'),
          wide: true,
          align: 'end',
          render: ({ appliedAt, previewedAt }) => formatDate(appliedAt ?? previewedAt, 'table'),
        },
      ]}
    />
  </Card>
)

const newLines = ({ lines }: ImportRow) => lines.reduce((sum, { what, count }) => (what === 'known' ? sum : sum + count), 0)

/** How far an import is. */
export function ImportState({ state }: { state: ImportRow['state'] }) {
  if (state === 'uploaded') return <State tone="wait">{t('Columns to choose')}</State>
  if (state === 'previewed') return <State tone="wait">{t('Only shown')}</State>
  if (state === 'applied') return <State tone="ok">{t('Imported')}</State>
  return (
    <State tone="none" icon="history">
      {t('Undone')}
    </State>
  )
}

/** Accounts, their imports, and the form that takes the next file. */
export const bankView: View = { path: '/admin/bank', access: 'bank.import', get: c => show(c) }

/** Takes a file: what it would do comes next, or why it cannot be read. */
export const uploadView: View = {
  path: '/admin/bank/upload',
  access: 'bank.import',
  largestBody: largestUpload,
  async post(c) {
    const { account, file } = await c.req.parseBody()
    const typed = { account: String(account ?? '') }
    const errors: FieldError[] = []
    if (!/^\d{1,15}$/.test(typed.account)) errors.push({ field: 'account', message: 'Choose an account.' })
    if (!(file instanceof File) || file.size === 0) errors.push({ field: 'file', message: 'Choose a file that is not empty.' })
    if (errors.length > 0 || !(file instanceof File)) {
      c.status(422)
      return show(c, typed, errors)
    }
    const { coin, actor } = c.var
    const bytes = new Uint8Array(await file.arrayBuffer())
    try {
      const found = await coin.transaction(actor, tx =>
        previewFile(tx, { accountId: Number(typed.account), name: file.name || '-', bytes }),
      )
      if (found.kind === 'problems') {
        c.status(422)
        return <ProblemsPage fileName={file.name} problems={found.problems} importId={found.importId} />
      }
      return redirectTo(c, importPath(found.importId, found.kind === 'columns' ? 'columns' : ''))
    } catch (error) {
      if (!isCoinError(error)) throw error
      if (error.code === 'not_found') throw new CoinError('invalid', error.message, { hint: 'Choose another account.' })
      c.status(422)
      return show(c, typed, [{ field: 'file', message: error.message, values: error.values }])
    }
  },
}

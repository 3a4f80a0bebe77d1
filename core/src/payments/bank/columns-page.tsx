import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import { CoinError, type FieldError } from '../../errors.ts'
import { Button, Card, Diff, errorOf, Field, Flash, formatDate, formatMoney, Note, Page, Pair, Stack, Table } from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import type { CsvMapping } from '../statement/csv-mapping.ts'
import { dateFormats } from '../statement/dates.ts'
import { guessMapping } from '../statement/guess-mapping.ts'
import type { StatementLine, StatementProblem } from '../statement/statement.ts'
import { firstLines, mappingIn, type TypedColumns, typedOf } from './columns-form.ts'
import { bankPath, importPath } from './paths.ts'
import { chooseColumns } from './preview.ts'
import { ProblemsTable } from './problems-page.tsx'
import { readForAccount } from './read-file.ts'

interface Waiting extends Record<string, unknown> {
  readonly id: number
  readonly fileName: string
  readonly content: Buffer
  readonly account: string
  readonly iban: string
  readonly knownAs: string
  readonly currency: string
  readonly mapping: CsvMapping | null
}

async function read(c: Context): Promise<Waiting> {
  const { rows } = await c.var.coin.database.db.execute<Waiting>(sql`
    SELECT i.id, i.file_name AS "fileName", i.content, a.name AS account, a.iban, a.known_as AS "knownAs", a.currency, a.mapping
    FROM bank_import i JOIN bank_account a ON a.id = i.account_id WHERE i.id = ${Number(c.req.param('id'))} AND i.state IN ('uploaded', 'previewed') AND i.content IS NOT NULL`)
  if (!rows[0]) throw new CoinError('not_found', 'This file does not wait for its columns any more.')
  return rows[0]
}

/** Which column of a bank's CSV is what: guessed, confirmed by a person, kept with the account. */
export const columnsView: View = {
  path: '/admin/bank/imports/:id{[0-9]+}/columns',
  access: 'bank.import',
  async get(c) {
    const file = await read(c)
    const header = (delimiter: string, skip: number) =>
      firstLines(file.content, { delimiter, skipLines: String(skip), header: 'true' }).header
    return <Body file={file} typed={typedOf(file.mapping ?? guessMapping(file.content), header)} />
  },
  async post(c) {
    const file = await read(c)
    const form = await c.req.parseBody()
    const typed: TypedColumns = Object.fromEntries(
      Object.entries(form).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value.trim()]] : [])),
    )
    if (form.do !== 'keep') return <Body file={file} typed={typed} />
    const said = mappingIn(typed, firstLines(file.content, typed).header)
    if ('errors' in said) {
      c.status(422)
      return <Body file={file} typed={typed} errors={said.errors} />
    }
    const { coin, actor } = c.var
    const found = await coin.transaction(actor, tx => chooseColumns(tx, file.id, said.mapping))
    if (found.kind === 'problems') {
      c.status(422)
      return <Body file={file} typed={typed} problems={found.problems} />
    }
    return redirectTo(c, importPath(file.id), t('The columns are kept for the next file of this account.'))
  },
}

interface Shown {
  readonly file: Waiting
  readonly typed: TypedColumns
  readonly errors?: readonly FieldError[]
  readonly problems?: readonly StatementProblem[]
}

function Body({ file, typed, errors = [], problems }: Shown) {
  const { header, rows } = firstLines(file.content, typed)
  const width = Math.max(header.length, ...rows.map(row => row.length), 0)
  const options = [
    { value: '', label: '–' },
    ...Array.from({ length: width }, (_, index) => ({
      value: String(index + 1),
      label: [`${index + 1}`, header[index], rows.map(row => row[index]?.trim()).find(Boolean)].filter(Boolean).join(' · ').slice(0, 70),
    })),
  ]
  const column = (name: string, label: string, hint?: string) => (
    <Field name={name} label={label} kind="select" value={typed[name] ?? ''} options={options} error={errorOf(errors, name)} hint={hint} />
  )
  const said = mappingIn(typed, header)
  const result = problems ? { problems } : 'mapping' in said ? readForAccount(file.content, { ...file, mapping: said.mapping }) : undefined
  return (
    <Page
      title={t('Columns of {{file}}', { file: file.fileName })}
      errors={errors}
      crumbs={[{ label: t('Bank statements'), href: bankPath() }]}
      head={<span class="quiet">{t('They are kept for {{account}}: its next files need no choice.', { account: file.account })}</span>}
    >
      <Stack>
        {problems && <Flash kind="fail">{t('{{count}} things cannot be read with these columns.', { count: problems.length })}</Flash>}
        {result && 'statement' in result && <AsRead lines={result.statement.lines.slice(0, 6)} />}
        {result && 'problems' in result && (
          <Card title={t('What cannot be read')} body={false}>
            <ProblemsTable problems={result.problems.slice(0, 20)} />
          </Card>
        )}
        <form class="card" method="post" action={importPath(file.id, 'columns')} novalidate>
          <div class="card-body">
            <div class="fields">
              <Pair>
                <Field
                  name="delimiter"
                  label={t('Between columns')}
                  kind="select"
                  value={typed.delimiter}
                  error={errorOf(errors, 'delimiter')}
                  options={[
                    { value: ';', label: t('Semicolon') },
                    { value: ',', label: t('Comma') },
                    { value: 'tab', label: t('Tab') },
                    { value: '|', label: '|' },
                  ]}
                />
                <Field
                  name="decimal"
                  label={t('Decimal mark')}
                  kind="select"
                  value={typed.decimal}
                  error={errorOf(errors, 'decimal')}
                  options={[
                    { value: ',', label: t('Comma') },
                    { value: '.', label: t('Point') },
                  ]}
                />
              </Pair>
              <Pair>
                <Field
                  name="skipLines"
                  label={t('Lines before the header')}
                  kind="number"
                  value={typed.skipLines ?? '0'}
                  error={errorOf(errors, 'skipLines')}
                />
                <Field
                  name="dateFormat"
                  label={t('How dates are written')}
                  kind="select"
                  value={typed.dateFormat}
                  error={errorOf(errors, 'dateFormat')}
                  options={dateFormats.map(value => ({ value, label: value }))}
                />
              </Pair>
              <Field name="header" label={t('The first line names the columns')} kind="checkbox" value={typed.header === 'true'} />
              {column('bookedOn', t('Day'))}
              {column('amount', t('Amount'), t('With its sign. If the file has two columns, choose those of debit and credit instead.'))}
              <Pair>
                {column('debit', t('Debit'))}
                {column('credit', t('Credit'))}
              </Pair>
              {column('direction', t('Debit or credit in words'))}
              {column('label1', t('Label'), t('References are looked for here.'))}
              <Pair>
                {column('label2', t('More of the label'))}
                {column('label3', t('More of the label'))}
              </Pair>
              <Pair>
                {column('counterpartyName', t('Name of the payer'))}
                {column('counterpartyIban', t('IBAN of the payer'))}
              </Pair>
              <details>
                <summary>{t('More columns')}</summary>
                <div class="fields">
                  {column('valueOn', t('Value day'))}
                  {column('endToEndId', t('End-to-end reference'))}
                  {column('reference', t('Structured reference'))}
                  {column('mandateId', t('Mandate reference'))}
                  {column('bankReference', t('Reference of the bank'), t('Different for each booking.'))}
                  {column('fee', t('Fee'))}
                  {column('currency', t('Currency'))}
                  {column('account', t('Account'), t('When a file may hold several accounts.'))}
                  {column('state', t('State'))}
                  <Field
                    name="bookedStates"
                    label={t('Words that mean booked')}
                    value={typed.bookedStates ?? ''}
                    optional
                    error={errorOf(errors, 'bookedStates')}
                    hint={t('Separated by commas. Other lines are left out.')}
                  />
                  <Field name="signInverted" label={t('What is paid has no sign')} kind="checkbox" value={typed.signInverted === 'true'} />
                </div>
              </details>
              {typed.charset && <input type="hidden" name="charset" value={typed.charset} />}
              <div class="actions">
                <Button kind="primary" name="do" value="keep">
                  {t('Keep these columns')}
                </Button>
                <Button name="do" value="look">
                  {t('Look again')}
                </Button>
              </div>
            </div>
          </div>
        </form>
        <Raw header={header} rows={rows} />
      </Stack>
    </Page>
  )
}

const AsRead = ({ lines }: { lines: readonly StatementLine[] }) => (
  <Card title={t('As these columns are read')} body={false}>
    {lines.length === 0 ? (
      <div class="card-body">
        <Note tone="drift">{t('No booking was found with these columns.')}</Note>
      </div>
    ) : (
      <Table<StatementLine>
        caption={t('As these columns are read')}
        rows={lines}
        columns={[
          {
            key: 'label',
            label: t('Label'),
            render: ({ counterpartyName, label }) => counterpartyName ?? label,
            sub: ({ counterpartyName, counterpartyIban, label }) =>
              [counterpartyName && label, counterpartyIban].filter(Boolean).join(' · '),
          },
          { key: 'day', label: t('Day'), align: 'num', render: ({ bookedOn }) => formatDate(bookedOn, 'table') },
          { key: 'amount', label: t('Amount'), align: 'money', render: ({ amount, currency }) => formatMoney(amount, currency) },
        ]}
      />
    )}
  </Card>
)

/** The first lines of the file as they are. */
const Raw = ({ header, rows }: { header: readonly string[]; rows: readonly (readonly string[])[] }) => (
  <Card title={t('First lines of the file')}>
    <Diff
      label={t('First lines of the file')}
      lines={[...(header.length > 0 ? [header] : []), ...rows].map(cells => ({
        kind: 'same',
        text: cells.map((cell, index) => `${index + 1}: ${cell.trim()}`).join('   '),
      }))}
    />
  </Card>
)

import type { Context } from 'hono'
import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import type { FieldError } from '../../errors.ts'
import {
  ButtonLink,
  Card,
  Empty,
  errorOf,
  Field,
  Form,
  formatDate,
  formatMoney,
  formatNumber,
  Note,
  Page,
  PostButton,
  Stack,
  sitePath,
  Table,
  Todo,
} from '../../ui/index.ts'
import { type BatchRow, type CollectionRow, listBatches, returnsToSettle } from './batch-queries.ts'
import { firstDay } from './collectable.ts'
import { missingSettings } from './creditor.ts'
import { batchPath, collectionPath, debitsPath } from './paths.ts'
import { BatchState, numbersOf, returnWords } from './words.tsx'

/** Batches, what waits for a person, and the two forms: collect, and read the bank's answer. */
export async function showDebits(c: Context, errors: readonly FieldError[] = [], typed?: string) {
  const { db } = c.var.coin.database
  const [batches, returns, first] = [await listBatches(db), await returnsToSettle(db), await firstDay(db)]
  const missing = missingSettings()
  return (
    <Page
      title={t('Direct debits')}
      errors={errors}
      actions={
        <ButtonLink href={sitePath('/admin/mandates')} icon="file-text">
          {t('Mandates')}
        </ButtonLink>
      }
    >
      <Stack>
        {missing.length > 0 && (
          <Note tone="drift">
            {t('Direct debits need these settings: {{settings}}.', { settings: missing.join(', ') })} {t('Set them in coin.config.ts.')}
          </Note>
        )}
        {returns.length > 0 && <Returns rows={returns} />}
        <div class="cols even">
          <Card title={t('Collect')}>
            <Form
              action={`${debitsPath()}/new`}
              method="get"
              submit={t('Show what would be collected')}
              frame="plain"
              note={t('Nothing is collected yet.')}
            >
              <Field
                name="collectOn"
                label={t('Day of the collection')}
                kind="date"
                value={typed ?? first}
                error={errorOf(errors, 'collectOn')}
                hint={t('{{date}} at the earliest: members are told before.', { date: formatDate(first) })}
              />
            </Form>
          </Card>
          <Card title={t('The bank’s answer')}>
            <Form action={`${debitsPath()}/report`} submit={t('Read it')} frame="plain" multipart>
              <Field
                name="file"
                label={t('Status report')}
                kind="file"
                error={errorOf(errors, 'file')}
                hint={t('A pain.002: what the bank refuses is returned. Later returns come with the bank statement.')}
                attributes={{ accept: '.xml' }}
              />
            </Form>
          </Card>
        </div>
        <Card title={t('Batches')} body={false}>
          <Batches rows={batches} />
        </Card>
      </Stack>
    </Page>
  )
}

const Batches = ({ rows }: { rows: readonly BatchRow[] }) => (
  <Table<BatchRow>
    caption={t('Batches, the newest first')}
    rows={rows}
    rowHref={({ id }) => batchPath(id)}
    empty={
      <Empty title={t('Nothing collected yet')} icon="building-bank">
        {t('Record the mandates that members signed. Then what they owe is collected here, with a file for your bank.')}
      </Empty>
    }
    columns={[
      { key: 'day', label: t('Day'), render: ({ collectOn }) => formatDate(collectOn), sub: ({ messageId }) => messageId },
      {
        key: 'state',
        label: t('State'),
        render: batch => <BatchState batch={batch} />,
        sub: ({ returned }) => returned > 0 && t('{{count}} returned', { count: returned }),
      },
      { key: 'count', label: t('Direct debits'), align: 'num', wide: true, render: ({ count }) => formatNumber(count) },
      { key: 'total', label: t('Total'), align: 'money', render: ({ total }) => formatMoney(total, 'EUR') },
    ]}
  />
)

const Returns = ({ rows }: { rows: readonly CollectionRow[] }) => (
  <Card title={t('Came back')} note={formatNumber(rows.length)} body={false}>
    <Todo
      items={rows.map(row => ({
        tone: 'fail',
        text: (
          <>
            <a href={sitePath(`/admin/members/${row.memberId}`)}>{row.member}</a> <b>{formatMoney(row.amount, 'EUR')}</b>{' '}
            <span class="quiet">
              ({numbersOf(row)}, {formatDate(row.collectOn)})
            </span>
            . {returnWords(row.code)}
          </>
        ),
        action: (
          <PostButton small action={collectionPath(row.id, 'done')}>
            {t('Put it aside')}
          </PostButton>
        ),
      }))}
    />
  </Card>
)

export const debitsView: View = { path: '/admin/direct-debits', access: 'direct_debit.manage', get: c => showDebits(c) }

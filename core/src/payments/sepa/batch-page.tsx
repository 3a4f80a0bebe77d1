import type { Context } from 'hono'
import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError, isCoinError } from '../../errors.ts'
import {
  ButtonLink,
  Card,
  Confirm,
  formatDate,
  formatMoney,
  formatNumber,
  Moment,
  Note,
  Page,
  PostButton,
  Stack,
  Stats,
  sitePath,
  Table,
} from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { type BatchRow, batchFile, batchOf, type CollectionRow, collectionsOf } from './batch-queries.ts'
import { cancelBatch, executeBatch, markSent, noBatch } from './batches.ts'
import { batchPath, collectionPath, debitsPath } from './paths.ts'
import { BatchState, CollectionState, numbersOf, returnWords } from './words.tsx'

/** An id of the path; one that no row has when it is too long. */
export function idIn(c: Context): number {
  const id = Number(c.req.param('id'))
  if (!Number.isSafeInteger(id)) throw noBatch()
  return id
}

async function show(c: Context) {
  const { db } = c.var.coin.database
  const batch = await batchOf(db, idIn(c))
  return <BatchPage batch={batch} rows={await collectionsOf(db, batch.id)} />
}

const BatchPage = ({ batch, rows }: { batch: BatchRow; rows: readonly CollectionRow[] }) => (
  <Page
    title={t('Collection of {{date}}', { date: formatDate(batch.collectOn) })}
    crumbs={[{ label: t('Direct debits'), href: debitsPath() }]}
    head={
      <>
        <BatchState batch={batch} /> <span class="quiet">{batch.messageId}</span>
      </>
    }
    actions={<Actions batch={batch} />}
  >
    <Stack>
      {batch.state === 'open' && (
        <Note tone={batch.isDue ? 'fail' : 'drift'}>
          {batch.isDue
            ? t('Its day has come and the bank does not have it. Cancel it, and collect on another day.')
            : t('Download the file, give it to your bank, then say here that the bank has it.')}
        </Note>
      )}
      <Stats
        items={[
          { label: t('Direct debits'), value: formatNumber(batch.count) },
          { label: t('Total'), value: formatMoney(batch.total, 'EUR') },
          ...(batch.returned > 0
            ? [{ label: t('Returned'), value: formatNumber(batch.returned), note: formatMoney(batch.returnedTotal, 'EUR'), bad: true }]
            : []),
        ]}
      />
      <Card title={t('Who pays what')} body={false}>
        <Table<CollectionRow>
          caption={t('Members, by name')}
          rows={rows}
          rowHref={({ memberId }) => sitePath(`/admin/members/${memberId}`)}
          columns={[
            { key: 'member', label: t('Member'), render: ({ member }) => member, sub: numbersOf },
            {
              key: 'state',
              label: t('State'),
              render: row => <CollectionState row={row} />,
              sub: row => row.state === 'returned' && returnWords(row.code),
            },
            { key: 'amount', label: t('Amount'), align: 'money', render: amountOf },
            {
              key: 'do',
              label: t('Do'),
              unlabelled: true,
              align: 'end',
              wide: true,
              render: row => <RowActions row={row} batch={batch} />,
            },
          ]}
        />
      </Card>
      <p class="quiet">
        {t('Made by {{name}}', { name: batch.madeBy })}
        {batch.sentAt && (
          <>
            {'. '}
            {t('Sent by {{name}}', { name: batch.sentBy ?? '' })}, <Moment at={batch.sentAt} />
          </>
        )}
        {'. '}
        {t('Format {{format}}', { format: batch.format })}
      </p>
    </Stack>
  </Page>
)

const amountOf = ({ amount, paymentId }: CollectionRow) =>
  paymentId ? <a href={sitePath(`/admin/payments/${paymentId}`)}>{formatMoney(amount, 'EUR')}</a> : formatMoney(amount, 'EUR')

const RowActions = ({ row, batch }: { row: CollectionRow; batch: BatchRow }) =>
  row.state === 'collected' || (row.state === 'pending' && batch.state === 'sent') ? (
    <ButtonLink small href={collectionPath(row.id, 'return')}>
      {t('Record a return')}
    </ButtonLink>
  ) : null

const Actions = ({ batch }: { batch: BatchRow }) => (
  <>
    {batch.state !== 'cancelled' && (
      <ButtonLink href={batchPath(batch.id, 'file.xml')} icon="download">
        {t('File for the bank')}
      </ButtonLink>
    )}
    {batch.state === 'open' && <ButtonLink href={batchPath(batch.id, 'cancel')}>{t('Cancel it')}</ButtonLink>}
    {batch.state === 'open' && (
      <PostButton kind="primary" action={batchPath(batch.id, 'sent')}>
        {t('The bank has it')}
      </PostButton>
    )}
    {batch.state === 'sent' && batch.isDue && (
      <PostButton kind="primary" action={batchPath(batch.id, 'execute')}>
        {t('Record the payments')}
      </PostButton>
    )}
  </>
)

export const batchView: View = { path: '/admin/direct-debits/:id{[0-9]+}', access: 'direct_debit.manage', get: show }

/** What is given to the bank; the same bytes each time. */
export const batchFileView: View = {
  path: '/admin/direct-debits/:id{[0-9]+}/file.xml',
  access: 'direct_debit.manage',
  async get(c) {
    const { db } = c.var.coin.database
    const batch = await batchOf(db, idIn(c))
    if (batch.state === 'cancelled') throw new CoinError('refused', 'This batch was cancelled: it has no file any more.')
    return c.body(await batchFile(db, batch), 200, {
      'Content-Type': 'application/xml; charset=utf-8',
      'Content-Disposition': `attachment; filename="${batch.messageId}.xml"`,
      'Cache-Control': 'no-store',
    })
  },
}

/** A step of a batch: does it, and says so on its page. */
const step = (verb: string, work: (tx: Tx, id: number) => Promise<unknown>, done: () => string): View => ({
  path: `/admin/direct-debits/:id{[0-9]+}/${verb}`,
  access: 'direct_debit.manage',
  async post(c) {
    const { coin, actor } = c.var
    const id = idIn(c)
    try {
      await coin.transaction(actor, tx => work(tx, id))
    } catch (error) {
      if (!isCoinError(error) || error.code !== 'refused') throw error
      return redirectTo(c, batchPath(id), t(error.message, error.values), 'fail')
    }
    return redirectTo(c, batchPath(id), done())
  },
})

export const sentView = step('sent', markSent, () => t('Noted. Its payments are recorded on the day of the collection.'))
export const executeView = step('execute', executeBatch, () => t('The payments are recorded.'))
export const cancelView: View = {
  ...step('cancel', cancelBatch, () => t('The batch is cancelled, and its members are told.')),
  async get(c) {
    const batch = await batchOf(c.var.coin.database.db, idIn(c))
    const date = formatDate(batch.collectOn)
    return (
      <Confirm
        title={t('Cancel the collection of {{date}}?', { date })}
        crumbs={[
          { label: t('Direct debits'), href: debitsPath() },
          { label: date, href: batchPath(batch.id) },
        ]}
        action={batchPath(batch.id, 'cancel')}
        submit={t('Cancel the collection')}
        back={batchPath(batch.id)}
      >
        <p>
          {t('Nothing is collected, and its {{count}} members get a mail that says so. The bank must not have the file.', {
            count: batch.count,
          })}
        </p>
      </Confirm>
    )
  },
}

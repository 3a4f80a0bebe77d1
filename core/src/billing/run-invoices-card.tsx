import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { Card, formatMoney, KeysetPager, Table, withQuery } from '../ui/index.ts'
import { invoicePath } from './invoice-path.ts'
import { type InvoiceStanding, InvoiceState, kindWord } from './invoice-words.tsx'
import type { RunRow } from './run-queries.ts'
import { isUnderWay } from './run-words.tsx'
import { invoiceStateSql } from './tables.ts'

const pageSize = 25

interface MadeInvoice extends Record<string, unknown> {
  readonly id: number
  readonly number: string | null
  readonly kind: string
  readonly member: string
  readonly total: string
  readonly currency: string
  readonly standing: InvoiceStanding
}

/** What a run made, newest first. */
export async function InvoicesCard({ run }: { run: RunRow }) {
  if (run.invoices === 0) return null
  const { actor, db, query } = currentScope()
  const before = /^\d{1,15}$/.test(query.get('before') ?? '') ? Number(query.get('before')) : undefined
  const few = isUnderWay(run.state)
  const found = await madeBy(db, run.id, few ? 5 : pageSize + 1, few ? undefined : before)
  const rows = found.slice(0, pageSize)
  return (
    <>
      <Card
        title={few ? t('Last invoices') : t('Invoices of this run')}
        id="invoices"
        body={false}
        actions={<span class="small quiet">{t('Newest first')}</span>}
      >
        <Table<MadeInvoice>
          caption={t('Invoices of this run')}
          rows={rows}
          rowHref={({ id }) => (may(actor, 'invoice.view') ? invoicePath(id) : undefined)}
          columns={[
            {
              key: 'number',
              label: t('Number'),
              render: ({ id, number }) => number ?? t('Draft {{id}}', { id: String(id) }),
              sub: ({ kind }) => (kind === 'invoice' ? undefined : kindWord(kind)),
              narrow: ({ member }) => member,
            },
            { key: 'member', label: t('Member'), wide: true, render: ({ member }) => member },
            { key: 'amount', label: t('Amount'), align: 'money', render: ({ total, currency }) => formatMoney(total, currency) },
            { key: 'state', label: t('State'), align: 'end', render: ({ standing }) => <InvoiceState standing={standing} /> },
          ]}
        />
      </Card>
      {!few && (
        <KeysetPager
          previous={before === undefined ? undefined : withQuery(query, { before: undefined })}
          next={found.length > pageSize ? withQuery(query, { before: rows.at(-1)?.id }) : undefined}
          note={t('Newest first')}
        />
      )}
    </>
  )
}

async function madeBy(db: Tx, runId: number, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<MadeInvoice[]> {
  const { rows } = await db.execute<MadeInvoice>(sql`
    SELECT invoice.id, invoice.number, invoice.kind, member.display_name AS member, invoice.total, invoice.currency, ${invoiceStateSql} AS standing
    FROM invoice JOIN member ON member.id = invoice.member_id WHERE invoice.run_id = ${runId} AND invoice.id < ${before} ORDER BY invoice.id DESC LIMIT ${limit}`)
  return rows
}

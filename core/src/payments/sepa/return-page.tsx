import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import { CoinError, type FieldError, isCoinError } from '../../errors.ts'
import { errorOf, Field, Form, formatDate, formatMoney, Page, parseDate, sitePath } from '../../ui/index.ts'
import { redirectTo } from '../../web/reply.ts'
import { idIn } from './batch-page.tsx'
import { type CollectionRow, collectionOf } from './batch-queries.ts'
import { batchPath, collectionPath, debitsPath } from './paths.ts'
import { reasonCodes } from './reason-codes.ts'
import { returnCollection } from './returns.ts'
import { numbersOf } from './words.tsx'

async function rowOf(c: Context): Promise<CollectionRow> {
  const row = await collectionOf(c.var.coin.database.db, idIn(c))
  if (!row) throw new CoinError('not_found', 'This direct debit is not there.')
  return row
}

const Body = ({
  row,
  code = '',
  on = '',
  errors = [],
}: {
  row: CollectionRow
  code?: string
  on?: string
  errors?: readonly FieldError[]
}) => (
  <Page
    title={t('The direct debit of {{name}} came back', { name: row.member })}
    errors={errors}
    crumbs={[
      { label: t('Direct debits'), href: debitsPath() },
      { label: formatDate(row.collectOn), href: batchPath(row.batchId) },
    ]}
  >
    <Form action={collectionPath(row.id, 'return')} submit={t('Record the return')} cancel={batchPath(row.batchId)}>
      <p class="hint">
        {t(
          '{{amount}} for {{numbers}} is open again, and the member is told. A return that a bank statement brings records itself: record it once.',
          {
            amount: formatMoney(row.amount, 'EUR'),
            numbers: numbersOf(row),
          },
        )}
      </p>
      <Field
        name="code"
        label={t('Why')}
        kind="select"
        value={code}
        optional
        error={errorOf(errors, 'code')}
        options={Object.entries(reasonCodes).map(([value, label]) => ({ value, label: `${value} – ${t(label)}` }))}
      />
      <Field name="on" label={t('Day')} kind="date" value={on} optional error={errorOf(errors, 'on')} hint={t('Today unless given')} />
    </Form>
  </Page>
)

/** Staff record by hand that the bank refused a direct debit, or took it back. */
export const returnView: View = {
  path: '/admin/direct-debits/collections/:id{[0-9]+}/return',
  access: 'direct_debit.manage',
  async get(c) {
    return <Body row={await rowOf(c)} />
  },
  async post(c) {
    const row = await rowOf(c)
    const form = await c.req.parseBody()
    const [code, on] = [String(form.code ?? ''), String(form.on ?? '').trim()]
    const day = on ? parseDate(on) : undefined
    const refuse = (errors: readonly FieldError[]) => {
      c.status(422)
      return <Body row={row} code={code} on={on} errors={errors} />
    }
    if (code && !Object.hasOwn(reasonCodes, code)) return refuse([{ field: 'code', message: 'Choose a reason.' }])
    if (day && !day.ok) return refuse([{ field: 'on', message: day.message, values: day.values }])
    try {
      await c.var.coin.transaction(c.var.actor, tx => returnCollection(tx, row.id, { code, on: day?.value }))
    } catch (error) {
      if (!isCoinError(error) || error.code === 'not_found') throw error
      return refuse([{ field: '', message: error.message, values: error.values }])
    }
    return redirectTo(c, batchPath(row.batchId), t('The return is recorded: the invoices are open again, and the member is told.'))
  },
}

/** Staff have done what a return asked for. */
export const doneView: View = {
  path: '/admin/direct-debits/collections/:id{[0-9]+}/done',
  access: 'direct_debit.manage',
  async post(c) {
    const row = await rowOf(c)
    await c.var.coin.transaction(c.var.actor, async tx => {
      await tx.execute(sql`UPDATE sepa_collection SET handled_at = clock_timestamp() WHERE id = ${row.id} AND state = 'returned'`)
    })
    return redirectTo(c, sitePath('/admin/direct-debits'), t('Put aside.'))
  },
}

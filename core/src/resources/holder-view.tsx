import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import type { View } from '../app/view.ts'
import type { FieldError } from '../errors.ts'
import { Card, Empty, Field, Form, formatDateTime, Page, Stack, sitePath, Table } from '../ui/index.ts'

interface Assignment extends Record<string, unknown> {
  readonly prefix: string
  readonly member_id: number
  readonly member_name: string
  readonly subscription_id: number
  readonly subscription_reference: string
  readonly first: string
  readonly last: string | null
}

const columns = sql`prefix, member_id, member_name, subscription_id, subscription_reference, lower(during) AS first, upper(during) AS last`
const shown = 200

/** "Who held this address at this moment?", a question that the law lets authorities ask; and what a subscription ever held. */
export const holdersView: View = {
  path: '/admin/holders',
  access: 'subnet.view',
  async get(c) {
    const address = (c.req.query('address') ?? '').trim()
    const at = (c.req.query('at') ?? '').trim()
    const subscription = c.req.query('subscription') ?? ''
    const { rows, errors } = await search(c, { address, at, subscription })
    if (errors.length > 0) c.status(422)
    return (
      <Page title={t('Who held an address')} errors={errors} crumbs={[{ label: t('Addresses'), href: sitePath('/admin/pools') }]}>
        <Stack>
          <Form action={sitePath('/admin/holders')} method="get" submit={t('Search')}>
            <Field name="address" label={t('Address or prefix')} kind="address" value={address} error={of(errors, 'address')} />
            <Field
              name="at"
              label={t('Moment')}
              value={at}
              optional
              error={of(errors, 'at')}
              hint={t('Such as 2026-11-22 18:30, in the provider’s time zone; every holder when empty')}
            />
          </Form>
          {(address || subscription) && errors.length === 0 && <Holders rows={rows} />}
        </Stack>
      </Page>
    )
  },
}

const of = (errors: readonly FieldError[], field: string) => {
  const found = errors.find(error => error.field === field)
  return found && t(found.message)
}

async function search(
  c: Context,
  { address, at, subscription }: { address: string; at: string; subscription: string },
): Promise<{ rows: readonly Assignment[]; errors: readonly FieldError[] }> {
  const { db } = c.var.coin.database
  if (!address && /^\d{1,15}$/.test(subscription)) {
    const { rows } = await db.execute<Assignment>(
      sql`SELECT ${columns} FROM ip_assignment WHERE subscription_id = ${Number(subscription)} ORDER BY id DESC LIMIT ${shown}`,
    )
    return { rows, errors: [] }
  }
  if (!address) return { rows: [], errors: [] }
  const { rows: checked } = await db.execute<{ inet: string | null; moment: string | null }>(
    sql`SELECT coin.try_inet(${address}) AS inet, coin.try_moment(${at || 'now'}) AS moment`,
  )
  const errors: FieldError[] = []
  if (!checked[0]?.inet)
    errors.push({ field: 'address', message: 'Give an address such as 198.51.100.7 or a prefix such as 2001:db8::/56.' })
  if (!checked[0]?.moment) errors.push({ field: 'at', message: 'Give a moment such as 2026-11-22 18:30.' })
  if (errors.length > 0) return { rows: [], errors }
  const when = at ? sql`AND during @> ${at}::timestamptz` : sql``
  const { rows } = await db.execute<Assignment>(
    sql`SELECT ${columns} FROM ip_assignment WHERE prefix && ${address}::inet ${when} ORDER BY lower(during) DESC LIMIT ${shown}`,
  )
  return { rows, errors }
}

function Holders({ rows }: { rows: readonly Assignment[] }) {
  const empty = (
    <Empty title={t('Nobody held it')} icon="history">
      {t('Not then, or longer ago than the history is kept.')}
    </Empty>
  )
  return (
    <Card title={t('Holders')} body={false}>
      <Table<Assignment>
        caption={t('Holders, the last one first')}
        rows={rows}
        empty={empty}
        columns={[
          { key: 'prefix', label: t('Subnet'), align: 'addr', render: row => row.prefix },
          {
            key: 'member',
            label: t('Member'),
            render: row => <a href={sitePath(`/admin/members/${row.member_id}`)}>{row.member_name}</a>,
            sub: row => row.subscription_reference,
          },
          { key: 'from', label: t('From'), align: 'num', wide: true, render: row => formatDateTime(row.first, 'table') },
          { key: 'until', label: t('Until'), align: 'num', render: row => (row.last ? formatDateTime(row.last, 'table') : t('now')) },
        ]}
      />
    </Card>
  )
}

import { getTableColumns, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { type AnyResource, defineResource, type Field, type Input, type ListColumn, type Row } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { formatMoney, formatPercent, formatRange } from '../ui/index.ts'
import { addDiscount, days, setFreePrice, suspend } from './rules.ts'
import { discounts, freePrices, suspensions } from './tables.ts'
import { subscriptionsWithin } from './within.ts'

interface Dated {
  readonly name: string
  readonly plural: string
  readonly label: string
  readonly labelPlural: string
  readonly labelNew: string
  readonly table: PgTable
  readonly fields: Readonly<Record<string, Field>>
  readonly columns: readonly ListColumn[]
  readonly planned?: boolean
  create(input: Input, tx: Tx): Promise<number>
}

const text = (value: unknown): string | null => (value === null || value === undefined || value === '' ? null : String(value))
const first = (input: Input) => String(input.from)

/** What holds for a subscription from a day to a day: its own columns, and two dates instead of a range. */
function dated({ columns, fields, table, create, ...names }: Dated): AnyResource {
  const tableName = sql.raw(`subscription_${names.name}`)
  const own = Object.keys(fields)
  const loadMany = async (ids: readonly number[], tx: Tx) => {
    const rows = await tx
      .select({ ...getTableColumns(table), from: sql<string>`lower(during)`, until: sql<string | null>`upper(during) - 1` })
      .from(table)
      .where(sql`id = ANY (${sql.param([...ids])}::bigint[])`)
    return rows as unknown as Row[]
  }
  return defineResource({
    ...names,
    table,
    key: ['subscriptionId', 'from'],
    offMenu: true,
    icon: 'clock',
    fields: {
      subscriptionId: { label: 'Subscription', kind: 'reference', reference: 'subscription' },
      from: { label: 'First day', kind: 'date', required: true },
      until: { label: 'Last day', kind: 'date', help: 'Without one it holds until further notice' },
      ...fields,
    },
    add: ['subscriptionId', 'from', 'until', ...own],
    change: ['from', 'until', ...own],
    list: {
      from: sql`${tableName} JOIN subscription ON subscription.id = ${tableName}.subscription_id`,
      columns: [
        { key: 'subscription', label: 'Subscription', sql: sql`subscription.reference` },
        {
          key: 'during',
          label: 'When',
          sql: sql`lower(${tableName}.during)`,
          align: 'end',
          render: (value, row) => formatRange(String(value), text(row.until)),
        },
        ...columns,
      ],
      hidden: {
        until: sql`upper(${tableName}.during) - 1`,
        ...(names.name === 'discount' && { percent: sql`subscription_discount.percent` }),
      },
      search: term => sql`subscription.reference ILIKE '%' || ${term} || '%'`,
      sort: '-during',
    },
    within: part => sql`${tableName}.subscription_id IN ${subscriptionsWithin(part)}`,
    describe: row => formatRange(String(row.from), text(row.until)),
    load: async (id, tx) => (await loadMany([id], tx))[0],
    loadMany,
    create,
    async update(id, input, tx) {
      const { from, until, ...values } = input
      await tx
        .update(table)
        .set({ ...values, during: days(String(from), text(until)) })
        .where(sql`id = ${id}`)
    },
  })
}

/** What a subscription has by date, beside its offer. */
export const datedResources: readonly AnyResource[] = [
  dated({
    name: 'suspension',
    plural: 'suspensions',
    label: 'Suspension',
    labelPlural: 'Suspensions',
    labelNew: 'Suspend',
    planned: true,
    table: suspensions,
    fields: { reason: { label: 'Reason' } },
    columns: [{ key: 'reason', label: 'Reason', sql: sql`subscription_suspension.reason`, wide: true }],
    create: (input, tx) =>
      suspend(tx, Number(input.subscriptionId), { first: first(input), last: text(input.until), reason: text(input.reason) ?? '' }),
  }),
  dated({
    name: 'discount',
    plural: 'discounts',
    label: 'Discount',
    labelPlural: 'Discounts',
    labelNew: 'Grant a discount',
    planned: true,
    table: discounts,
    fields: {
      label: { label: 'Label', help: 'As it stands on the invoice' },
      amount: { label: 'Amount off each period', kind: 'money', help: 'Or a share, below' },
      percent: { label: 'Share off each period', kind: 'decimal', unit: '%' },
    },
    columns: [
      { key: 'label', label: 'Label', sql: sql`subscription_discount.label`, wide: true },
      {
        key: 'amount',
        label: 'Off each period',
        sql: sql`subscription_discount.amount`,
        align: 'end',
        render: (value, row) => (value === null ? formatPercent(Number(row.percent) / 100, 2) : formatMoney(String(value))),
      },
    ],
    create: (input, tx) =>
      addDiscount(tx, Number(input.subscriptionId), {
        first: first(input),
        last: text(input.until),
        label: String(input.label),
        amount: text(input.amount),
        percent: text(input.percent),
      }),
  }),
  dated({
    name: 'free_price',
    plural: 'free-prices',
    label: 'Free price',
    labelPlural: 'Free prices',
    labelNew: 'Set a free price',
    planned: true,
    table: freePrices,
    fields: { periodFee: { label: 'Fee of a period', kind: 'money', help: 'Instead of the offer’s' } },
    columns: [
      {
        key: 'fee',
        label: 'Fee of a period',
        sql: sql`subscription_free_price.period_fee`,
        align: 'end',
        render: value => formatMoney(String(value)),
      },
    ],
    create: (input, tx) =>
      setFreePrice(tx, Number(input.subscriptionId), { first: first(input), last: text(input.until), periodFee: String(input.periodFee) }),
  }),
]

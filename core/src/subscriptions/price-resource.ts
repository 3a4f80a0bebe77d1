import { sql } from 'drizzle-orm'
import { defineResource } from '../app/resource.ts'
import { formatDate, formatMoney } from '../ui/index.ts'
import { offerPrices } from './tables.ts'
import { offerWithin } from './within.ts'

/** The prices of offers over time; reached from the offer's page. */
export const priceResource = defineResource({
  name: 'price',
  plural: 'prices',
  label: 'Price',
  labelPlural: 'Prices',
  icon: 'coin-euro',
  offMenu: true,
  planned: true,
  table: offerPrices,
  key: ['offerId', 'effectiveFrom'],
  fields: {
    offerId: { label: 'Offer', kind: 'reference', reference: 'offer' },
    effectiveFrom: { label: 'In force from', help: 'Today unless given. In the past, the next run bills the difference.' },
    periodFee: { label: 'Fee of a period', help: 'Without VAT', kind: 'money' },
    initialFee: { label: 'Initial fee', help: 'Once, with the first invoice', kind: 'money' },
  },
  add: ['offerId', 'effectiveFrom', 'periodFee', 'initialFee'],
  change: ['effectiveFrom', 'periodFee', 'initialFee'],
  list: {
    from: sql`offer_price JOIN offer ON offer.id = offer_price.offer_id`,
    columns: [
      { key: 'offer', label: 'Offer', sql: sql`offer.name` },
      {
        key: 'from',
        label: 'In force from',
        sql: sql`offer_price.effective_from`,
        align: 'end',
        render: value => formatDate(String(value), 'table'),
      },
      {
        key: 'fee',
        label: 'Fee of a period',
        sql: sql`offer_price.period_fee`,
        align: 'end',
        render: (value, row) => formatMoney(String(value), String(row.currency)),
      },
      {
        key: 'initial',
        label: 'Initial fee',
        sql: sql`offer_price.initial_fee`,
        align: 'end',
        wide: true,
        render: (value, row) => formatMoney(String(value), String(row.currency)),
      },
    ],
    hidden: { currency: sql`offer.currency` },
    search: term => sql`coin.fold(offer.name || ' ' || offer.reference) LIKE '%' || coin.fold(${term}) || '%'`,
    sort: 'offer',
  },
  within: part => offerWithin(sql`offer_price.offer_id`, part),
  describe: row => `${formatDate(String(row.effectiveFrom), 'table')}: ${formatMoney(String(row.periodFee))}`,
})

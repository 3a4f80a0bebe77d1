import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { t } from '../app/i18n.ts'
import { type Choice, defineResource, type Input } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { formatMoney, State } from '../ui/index.ts'
import { OfferDetails } from './offer-page.tsx'
import { addOffer, type NewOffer } from './rules.ts'
import { knownStrategy, strategyChoices } from './strategy-choice.ts'
import { StrategyName } from './strategy-name.tsx'
import { offers } from './tables.ts'
import { offerWithin } from './within.ts'

/** The types of configuration that the installed apps bring, and none. */
export const typeChoices = async (): Promise<Choice[]> => [
  { value: '', label: t('None: nothing to configure') },
  ...[...currentScope().registry.configurations.values()].map(({ app, configuration }) => ({
    value: configuration.type,
    label: currentScope().registry.translations.translator(
      currentScope().locale,
      app,
    )(configuration.spec.verboseName ?? configuration.type),
  })),
]

const amount = z.string().regex(/^\d{1,10}(\.\d{1,2})?$/, 'Give an amount such as 12.50.')

/** The price in force today. */
const priceToday = sql`(SELECT jsonb_build_object('fee', p.period_fee::text, 'initial', p.initial_fee::text, 'from', p.effective_from)
  FROM offer_price p WHERE p.offer_id = row.id AND p.effective_from <= current_date ORDER BY p.effective_from DESC LIMIT 1)`

interface Price {
  readonly fee: string
}

export const offerResource = defineResource({
  name: 'offer',
  plural: 'offers',
  label: 'Offer',
  labelPlural: 'Offers',
  labelNew: 'New offer',
  icon: 'tag',
  section: 'people',
  order: 30,
  empty: 'What you sell: a name, a price, and the address pools it draws from. Members subscribe to offers.',
  table: offers,
  key: ['reference'],
  fields: {
    name: { label: 'Name', help: 'As members see it' },
    reference: { label: 'Short reference', help: 'Letters, digits, dots and dashes, such as dsl-20' },
    configurationType: {
      label: 'Type of configuration',
      help: 'What there is to configure for whoever subscribes',
      kind: 'choice',
      choices: typeChoices,
    },
    periodFee: { label: 'Fee of a period', help: 'Without VAT', kind: 'money', required: true, check: amount },
    initialFee: { label: 'Initial fee', help: 'Once, with the first invoice', kind: 'money', check: amount },
    effectiveFrom: { label: 'Price in force from', help: 'Today unless given', kind: 'date' },
    periodMonths: { label: 'Period', unit: 'months', help: 'How often it is billed' },
    billingStrategy: { label: 'How it is billed', kind: 'choice', choices: strategyChoices, check: knownStrategy },
    minimumFee: {
      label: 'Minimum of a free price',
      help: 'What members pay at least who have a free price; empty: whatever is agreed',
      kind: 'money',
      check: amount,
    },
    commitmentMonths: { label: 'Commitment', unit: 'months' },
    billable: { label: 'Billable' },
    sold: { label: 'Sold', help: 'Untick it to keep it for those who have it only' },
    askable: { label: 'Members may ask for it', help: 'While it is sold, on their own pages and when they join' },
    vatRate: { label: 'VAT rate', kind: 'decimal', unit: '%' },
    vatMention: { label: 'Legal mention about VAT', help: 'Why there is none, when the rate is 0' },
    currency: { label: 'Currency', help: 'ISO 4217, such as EUR' },
    account: { label: 'Account', help: 'Where its sales are booked; the usual one unless given' },
    description: { label: 'Description', kind: 'textarea' },
  },
  add: [
    'name',
    'reference',
    'configurationType',
    'periodFee',
    'initialFee',
    'effectiveFrom',
    'periodMonths',
    'billingStrategy',
    'minimumFee',
    'commitmentMonths',
    'billable',
    'askable',
    'vatRate',
    'vatMention',
    'currency',
    'account',
    'description',
  ],
  change: [
    'name',
    'reference',
    'configurationType',
    'periodMonths',
    'billingStrategy',
    'minimumFee',
    'commitmentMonths',
    'billable',
    'sold',
    'askable',
    'vatRate',
    'vatMention',
    'currency',
    'account',
    'description',
  ],
  list: {
    from: sql`offer`,
    columns: [
      { key: 'name', label: 'Name', sql: sql`offer.name` },
      {
        key: 'type',
        label: 'Type of configuration',
        sql: sql`offer.configuration_type`,
        wide: true,
        render: value => typeName(String(value)),
      },
      {
        key: 'price',
        label: 'Fee of a period',
        sql: priceToday,
        late: true,
        align: 'end',
        render: (value, row) => (value ? formatMoney((value as Price).fee, String(row.currency)) : '–'),
      },
      {
        key: 'strategy',
        label: 'How it is billed',
        sql: sql`offer.billing_strategy`,
        wide: true,
        render: value => <StrategyName name={String(value)} />,
      },
      {
        key: 'subscribers',
        label: 'Subscriptions',
        sql: sql`(SELECT count(*)::int FROM subscription_offer d JOIN subscription s ON s.id = d.subscription_id
        WHERE d.offer_id = row.id AND d.during @> current_date AND (s.resigned_on IS NULL OR s.resigned_on >= current_date))`,
        late: true,
        align: 'end',
      },
      {
        key: 'sold',
        label: 'State',
        sql: sql`offer.sold`,
        wide: true,
        render: sold =>
          sold ? (
            <State tone="ok">{t('Sold')}</State>
          ) : (
            <State tone="none" icon="circle-dashed">
              {t('No longer sold')}
            </State>
          ),
      },
    ],
    hidden: { reference: sql`offer.reference`, currency: sql`offer.currency` },
    sub: row => String(row.reference),
    search: term => sql`coin.fold(offer.name || ' ' || offer.reference) LIKE '%' || coin.fold(${term}) || '%'`,
    searchHint: 'Name or reference',
    views: [
      { name: 'sold', label: 'Sold', where: sql`offer.sold` },
      { name: 'unsold', label: 'No longer sold', where: sql`NOT offer.sold` },
    ],
    sort: 'name',
  },
  within: part => offerWithin(sql`offer.id`, part),
  describe: row => String(row.name),
  find: async (text, tx) => {
    const { rows } = await tx.execute<{ id: number }>(
      sql`SELECT id FROM offer WHERE reference = ${text} OR name = ${text} ORDER BY (reference = ${text}) DESC LIMIT 1`,
    )
    return rows[0]?.id
  },
  details: (row, tx) => <OfferDetails row={row} tx={tx} />,
  create: (input, tx) => addOffer(tx, toOffer(input)),
})

/** The form's values as the rule wants them: what was left empty keeps the default. */
const toOffer = (input: Input): NewOffer =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null)) as unknown as NewOffer

function typeName(type: string): string {
  const { registry, locale } = currentScope()
  const found = registry.configurations.get(type)
  return found ? registry.translations.translator(locale, found.app)(found.configuration.spec.verboseName ?? type) : type || t('None')
}

import { mayWith } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope, may, mayEverywhere } from '../app/scope.ts'
import { Card, CardBody, type Content, Facts, formatDate, formatMoney, formatRange, Note, Table } from '../ui/index.ts'
import { reasonWords } from '../ui/reason.ts'
import { type Forecast, type ForecastLine, forecast, nextRunDay } from './forecast.ts'
import { invoicePath } from './invoice-path.ts'
import { runPath } from './run-words.tsx'
import { type BilledPeriod, billingOf, lastPeriods, type SubscriptionBilling } from './subscription-billing.ts'

/** On a subscription's page: how far it is billed, what the next run would bill and why it could not, and what was billed last. */
export async function SubscriptionBillingCard({ subscriptionId }: { subscriptionId: number }) {
  const { db, actor } = currentScope()
  if (!mayEverywhere(actor, 'billing.run') && !(await mayWith('invoice.view', 'subscription', subscriptionId))) return undefined
  const billing = await billingOf(db, subscriptionId)
  if (!billing) return undefined
  const until = await nextRunDay(db)
  const [next] = await forecast(db, [subscriptionId], until)
  return (
    <Card title={t('Billing')} id="billing" body={false}>
      <CardBody>
        <Why billing={billing} next={next} />
        <Facts
          items={[
            {
              label: t('Billed until'),
              value: billing.settledUntil === null ? t('Not billed yet') : formatDate(dayBefore(billing.settledUntil)),
            },
            {
              label: t('Next looked at'),
              value: billing.recheck ? t('By the next run: something changed') : dateOr(billing.nextOn, t('Never: nothing more is due')),
            },
          ]}
        />
      </CardBody>
      {!next?.refusal && <NextRun until={until} lines={next?.lines ?? []} />}
      <Billed rows={await lastPeriods(db, subscriptionId)} />
    </Card>
  )
}

const dateOr = (day: string | null, otherwise: string): Content => (day === null ? otherwise : formatDate(day))
const dayBefore = (day: string) => Temporal.PlainDate.from(day).subtract({ days: 1 }).toString()

/** Why it cannot be billed: as things are now, or as the last run found them. */
function Why({ billing: { aside }, next }: { billing: SubscriptionBilling; next: Forecast | undefined }) {
  const link = aside && (
    <>
      {' '}
      {mayEverywhere(currentScope().actor, 'billing.run') ? (
        <a href={runPath(aside.runId)}>{t('Set aside by run {{id}}', { id: String(aside.runId) })}</a>
      ) : (
        t('Set aside by run {{id}}', { id: String(aside.runId) })
      )}
    </>
  )
  if (next?.refusal)
    return (
      <div class="mb-3">
        <Note tone="fail">
          <b>{t('It cannot be billed.')}</b> {reasonWords(next.refusal)}
          {link}
        </Note>
      </div>
    )
  if (!aside?.error) return null
  return (
    <div class="mb-3">
      <Note tone="drift">
        <b>{t('The last run could not bill this member.')}</b> {reasonWords(aside.error)}
        {link}
      </Note>
    </div>
  )
}

const NextRun = ({ until, lines }: { until: string; lines: readonly ForecastLine[] }) =>
  lines.length === 0 ? (
    <CardBody>
      <p class="quiet m-0">{t('The next run, up to {{date}}, bills nothing for it.', { date: formatDate(until) })}</p>
    </CardBody>
  ) : (
    <Table<ForecastLine>
      caption={t('What the next run bills, up to {{date}}', { date: formatDate(until) })}
      rows={lines}
      columns={[
        {
          key: 'what',
          label: t('Next run, up to {{date}}', { date: formatDate(until) }),
          render: ({ description }) => description,
          sub: ({ explanation }) => explanation,
        },
        { key: 'net', label: t('Without VAT'), align: 'money', render: ({ net, currency }) => formatMoney(net, currency) },
      ]}
    />
  )

const Billed = ({ rows }: { rows: readonly BilledPeriod[] }) =>
  rows.length === 0 ? null : (
    <Table<BilledPeriod>
      caption={t('Billed last')}
      rows={rows}
      rowHref={({ invoiceId }) => (may(currentScope().actor, 'invoice.view') ? invoicePath(invoiceId) : undefined)}
      columns={[
        {
          key: 'invoice',
          label: t('Billed last'),
          render: row => row.number ?? t('Draft {{id}}', { id: String(row.invoiceId) }),
          sub: ({ description }) => description,
        },
        { key: 'days', label: t('When'), wide: true, align: 'num', render: ({ first, end }) => formatRange(first, dayBefore(end)) },
        { key: 'net', label: t('Without VAT'), align: 'money', render: ({ net, currency }) => formatMoney(net, currency) },
      ]}
    />
  )

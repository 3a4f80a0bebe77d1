import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { type FieldError, isCoinError } from '../errors.ts'
import {
  ButtonLink,
  Card,
  Empty,
  errorOf,
  Facts,
  Field,
  formatDate,
  formatMoney,
  formatOwed,
  formatRange,
  Note,
  Page,
  Pair,
  Stack,
  Stats,
  sitePath,
} from '../ui/index.ts'
import { type Problem, problemsIn } from './checks.ts'
import { fecName } from './fec.ts'
import { checkOneYear, type Period, readPeriod, yearOf } from './period.ts'
import { todayIn } from './pull-view.ts'
import { type Summary, summaryOf } from './summary.ts'

/** What was billed and received in a period, to be taken to an accounting tool. */
export const exportPage: View = {
  path: '/admin/accounting',
  access: 'accounting.export',
  async get(c) {
    const { db } = currentScope()
    const today = await todayIn(db)
    const typed = { from: c.req.query('from'), to: c.req.query('to') }
    const { period, errors } = read(typed, today)
    const [summaries, problems] = [await summaryOf(db, period), await problemsIn(db, period)]
    if (errors.length > 0) c.status(422)
    return <ExportPage today={today} typed={typed} period={period} errors={errors} summaries={summaries} problems={problems} />
  },
}

interface Typed {
  readonly from: string | undefined
  readonly to: string | undefined
}

function read({ from, to }: Typed, today: string): { period: Period; errors: readonly FieldError[] } {
  try {
    return { period: readPeriod(from, to, today), errors: [] }
  } catch (error) {
    if (!isCoinError(error) || error.fields.length === 0) throw error
    return { period: readPeriod(undefined, undefined, today), errors: error.fields }
  }
}

interface ExportProps {
  readonly today: string
  readonly typed: Typed
  readonly period: Period
  readonly errors: readonly FieldError[]
  readonly summaries: readonly Summary[]
  readonly problems: readonly Problem[]
}

const ExportPage = ({ today, typed, period, errors, summaries, problems }: ExportProps) => (
  <Page title={t('Accounting')} errors={errors} head={<span class="quiet">{formatRange(period.from, period.to)}</span>}>
    <Stack>
      <form class="card" method="get" action={url('accounting:export')}>
        <div class="card-body">
          <div class="fields">
            <Pair>
              <Field name="from" label={t('From')} kind="date" value={typed.from || period.from} error={errorOf(errors, 'from')} />
              <Field name="to" label={t('To')} kind="date" value={typed.to || period.to} error={errorOf(errors, 'to')} />
            </Pair>
            <div class="actions">
              <button class="btn btn-primary" type="submit">
                {t('Show')}
              </button>
              {periods(today).map(({ label, from, to }) => (
                <ButtonLink kind="plain" href={url('accounting:export', { from, to })}>
                  {label}
                </ButtonLink>
              ))}
            </div>
          </div>
        </div>
      </form>
      {summaries.map(summary => (
        <Sums summary={summary} period={period} />
      ))}
      {summaries.length === 0 && (
        <section class="card">
          <Empty title={t('Nothing was billed or received yet')} icon="file-text">
            {t('What is issued and what is paid by the end of the period adds up here.')}
          </Empty>
        </section>
      )}
      <Entries period={period} problems={problems} />
      <Lists period={period} />
      <Card title={t('For a program')}>
        <p>
          {t('An accounting tool can fetch the same files by itself, with the token that the environment variable {{name}} names:', {
            name: 'COIN_ACCOUNTING_TOKEN',
          })}
        </p>
        <p>
          <code>{`GET ${sitePath('/accounting/invoices.json')}?from=${period.from}&to=${period.to}`}</code>
        </p>
      </Card>
    </Stack>
  </Page>
)

const Sums = ({ summary, period }: { summary: Summary; period: Period }) => (
  <Stats
    items={[
      {
        label: t('Billed without VAT'),
        value: formatMoney(summary.net, summary.currency),
        note: t('{{count}} invoices and credit notes', { count: summary.invoices }),
      },
      { label: t('VAT'), value: formatMoney(summary.vat, summary.currency), note: t('on what was billed') },
      {
        label: t('Received'),
        value: formatMoney(summary.received, summary.currency),
        note: t('{{count}} payments and refunds', { count: summary.payments }),
      },
      {
        label: t('Members owe'),
        value: formatOwed(summary.owed, summary.currency),
        note: t('at the end of {{date}}', { date: formatDate(period.to, 'table') }),
      },
    ]}
  />
)

function Entries({ period, problems }: { period: Period; problems: readonly Problem[] }) {
  const { siren, siret } = currentScope().registry.config.provider.identity
  const tooLong = isTooLong(period)
  const currency = problems.filter(({ why }) => why === 'currency')
  const sum = problems.filter(({ why }) => why === 'sum')
  const pieces = (some: readonly Problem[]) => some.map(({ piece }) => piece).join(', ')
  return (
    <Card title={t('Accounting entries (FEC)')}>
      {tooLong && (
        <Note tone="drift">
          {t('A FEC is of one financial year: this one ends on {{date}}.', { date: formatDate(yearOf(period.from).to) })}
        </Note>
      )}
      {currency.length > 0 && (
        <Note tone="fail">
          {t('These are in another currency than the books: {{pieces}}. Nothing is exported.', { pieces: pieces(currency) })}
        </Note>
      )}
      {sum.length > 0 && (
        <Note tone="fail">
          {t('The lines of these do not add up to their totals: {{pieces}}. Nothing is exported.', { pieces: pieces(sum) })}
        </Note>
      )}
      {!siren && !siret && (
        <Note tone="wait">{t('The name of the file begins with the SIREN of the provider: set it in provider.identity.')}</Note>
      )}
      <p>
        {t('What French accountants and the tax authority read: each invoice and each payment as a balanced entry, with what covers what.')}
      </p>
      <Facts items={[{ label: t('File'), value: fecName(period) }]} />
      {!tooLong && problems.length === 0 && (
        <div class="actions mt-2">
          <ButtonLink icon="download" href={url('accounting:fec', { ...period })}>
            {t('Download the entries')}
          </ButtonLink>
        </div>
      )}
    </Card>
  )
}

function isTooLong(period: Period): boolean {
  try {
    checkOneYear(period)
    return false
  } catch {
    return true
  }
}

const Lists = ({ period }: { period: Period }) => (
  <Card title={t('Invoices and payments')}>
    <p>{t('Every line of every invoice, and every payment with what it covers: CSV for a spreadsheet, JSON for a program.')}</p>
    <div class="actions">
      {(
        [
          ['accounting:invoices_csv', t('Invoices, CSV')],
          ['accounting:payments_csv', t('Payments, CSV')],
          ['accounting:invoices_json', t('Invoices, JSON')],
          ['accounting:payments_json', t('Payments, JSON')],
        ] as const
      ).map(([view, label]) => (
        <ButtonLink icon="download" href={url(view, { ...period })}>
          {label}
        </ButtonLink>
      ))}
    </div>
  </Card>
)

/** Periods that one asks for often. */
function periods(today: string): readonly { readonly label: string; readonly from: string; readonly to: string }[] {
  const first = Temporal.PlainDate.from(today).with({ day: 1 })
  const lastMonth = { from: first.subtract({ months: 1 }).toString(), to: first.subtract({ days: 1 }).toString() }
  const year = yearOf(today)
  const before = yearOf(Temporal.PlainDate.from(year.from).subtract({ days: 1 }).toString())
  return [
    { label: t('Last month'), ...lastMonth },
    { label: t('This financial year'), from: year.from, to: today },
    { label: t('The financial year before'), ...before },
  ]
}

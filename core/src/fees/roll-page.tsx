import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import type { FieldError } from '../errors.ts'
import {
  ButtonLink,
  Card,
  Empty,
  errorOf,
  Field,
  formatDate,
  formatNumber,
  formatPercent,
  Page,
  parseDate,
  Stack,
  Stats,
  sitePath,
  Table,
} from '../ui/index.ts'
import { PaidUp } from './fee-words.tsx'
import { today } from './periods.ts'
import { quorumOf, type Voter, votingRoll } from './roll.ts'
import { rollCsv } from './roll-csv.ts'

interface Asked {
  /** ISO. */
  readonly date: string
  readonly quorum: number | undefined
  readonly only: boolean
  readonly sheet: boolean
  readonly errors: readonly FieldError[]
}

/** Who may vote on a day, to read, to print and to sign. */
export const rollView: View = {
  path: '/admin/roll',
  access: 'fee.view',
  async get(c) {
    const asked = await ask(c)
    const all = asked.errors.length > 0 ? [] : await votingRoll(currentScope().db, asked.date)
    return c.html(<RollPage asked={asked} all={all} />, asked.errors.length > 0 ? 422 : 200)
  },
}

/** The same as a file for a spreadsheet. */
export const rollFile: View = {
  path: '/admin/roll.csv',
  access: 'fee.view',
  async get(c) {
    const { date, only } = await ask(c)
    const shown = (await votingRoll(currentScope().db, date)).filter(({ paidUp }) => paidUp || !only)
    return c.body(rollCsv(shown), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="roll-${date}.csv"`,
      'Cache-Control': 'no-store',
    })
  },
}

async function ask(c: Context): Promise<Asked> {
  const { query, db } = currentScope()
  const typed = c.req.query('date')?.trim()
  const date = typed ? parseDate(typed) : undefined
  const quorum = Number(c.req.query('quorum')?.replace(',', '.') || Number.NaN)
  return {
    date: date?.ok ? date.value : await today(db),
    quorum: quorum >= 0 && quorum <= 100 ? quorum : undefined,
    only: query.get('only') === 'true',
    sheet: query.get('sheet') === 'true',
    errors: date && !date.ok ? [{ field: 'date', message: date.message, values: date.values }] : [],
  }
}

function RollPage({ asked, all }: { asked: Asked; all: readonly Voter[] }) {
  const { date, only, sheet, errors, quorum } = asked
  const voters = all.filter(({ paidUp }) => paidUp)
  const shown = only ? voters : all
  return (
    <Page
      title={t('Voting roll')}
      errors={errors}
      crumbs={[{ label: t('Membership fees'), href: sitePath('/admin/fees') }]}
      head={<span class="quiet">{formatDate(date)}</span>}
      actions={
        <ButtonLink href={url('fees:rollFile', { date, ...(only && { only: 'true' }) })} icon="download">
          {t('Export')}
        </ButtonLink>
      }
    >
      <Stack>
        <RollForm asked={asked} />
        <Stats
          items={[
            { label: t('Members'), value: formatNumber(all.length) },
            {
              label: t('Paid up'),
              value: formatNumber(voters.length),
              note: all.length > 0 ? t('{{share}} of the members', { share: formatPercent(voters.length / all.length) }) : undefined,
            },
            { label: t('Not paid up'), value: formatNumber(all.length - voters.length) },
            ...(quorum === undefined
              ? []
              : [
                  {
                    label: t('Quorum'),
                    value: formatNumber(quorumOf(quorum, voters.length)),
                    note: t('{{share}} of those paid up', { share: formatPercent(quorum / 100, 2) }),
                  },
                ]),
          ]}
        />
        <Card title={t('Members on {{date}}', { date: formatDate(date) })} id="roll" note={formatNumber(shown.length)} body={false}>
          <RollTable voters={shown} sheet={sheet} />
        </Card>
      </Stack>
    </Page>
  )
}

const RollForm = ({ asked: { date, quorum, only, sheet, errors } }: { asked: Asked }) => (
  <form class="card no-print" method="get" action={url('fees:roll')}>
    <div class="card-body">
      <div class="fields">
        <div class="pair">
          <Field
            name="date"
            label={t('Day of the vote')}
            kind="date"
            value={currentScope().query.get('date') || date}
            error={errorOf(errors, 'date')}
          />
          <Field name="quorum" label={t('Quorum')} unit="%" optional value={quorum ?? ''} attributes={{ inputmode: 'decimal' }} />
        </div>
        <Field name="only" label={t('Only those who are paid up')} kind="checkbox" value={only} />
        <Field name="sheet" label={t('With a column to sign, for printing')} kind="checkbox" value={sheet} />
        <div class="actions">
          <button class="btn btn-primary" type="submit">
            {t('Show')}
          </button>
        </div>
      </div>
    </div>
  </form>
)

const RollTable = ({ voters, sheet }: { voters: readonly Voter[]; sheet: boolean }) => (
  <Table
    caption={t('Members by last name')}
    rows={voters}
    rowHref={({ id }) => sitePath(`/admin/members/${id}`)}
    columns={[
      { key: 'name', label: t('Name'), render: ({ name }) => name },
      { key: 'joinedOn', label: t('Member since'), wide: true, render: ({ joinedOn }) => formatDate(joinedOn, 'table') },
      { key: 'paidUp', label: t('Fee'), render: ({ paidUp }) => <PaidUp paidUp={paidUp} /> },
      {
        key: 'until',
        label: t('Until'),
        align: 'end',
        render: ({ until }) => (until ? formatDate(until, 'table') : <span class="quiet">–</span>),
      },
      ...(sheet ? [{ key: 'signature', label: t('Signature'), wide: true, render: () => '' }] : []),
    ]}
    empty={
      <Empty title={t('Nobody')} icon="users">
        {t('Members who had joined by this day and had not resigned show here.')}
      </Empty>
    }
  />
)

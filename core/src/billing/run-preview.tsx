import { cleanSearch, literal } from '../admin/list-search.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import {
  ButtonLink,
  Empty,
  Facts,
  Filters,
  formatDate,
  formatMoney,
  formatNumber,
  KeysetPager,
  Note,
  NothingMatches,
  Plan,
  withQuery,
} from '../ui/index.ts'
import { BillTable } from './run-bill-table.tsx'
import { proposalsOf, type RunRow, shownToken } from './run-queries.ts'
import { runPath } from './run-words.tsx'

const pageSize = 25

/** What a dry run has worked out: the plan with its verbs, then each member's lines. */
export const PreviewPart = async ({ run, moved }: { run: RunRow; moved: boolean }) => (
  <>
    <RunPlan run={run} moved={moved} />
    <Proposals run={run} />
  </>
)

const RunPlan = ({ run, moved }: { run: RunRow; moved: boolean }) => (
  <Plan
    title={t('What this run bills')}
    note={
      moved ? (
        <Note tone="drift" live>
          {t('The run was worked out again meanwhile. Nothing was billed: this is how it is now.')}
        </Note>
      ) : (
        <Note>
          {t(
            'Nothing is billed yet. Whoever has changed when you bill is left out and shown again, everybody else is billed exactly this.',
          )}
        </Note>
      )
    }
    money={
      run.invoices > 0 && (
        <Facts
          ends
          items={[
            { label: t('Up to'), value: formatDate(run.date) },
            { label: t('Invoices and credit notes'), value: formatNumber(run.invoices) },
            ...run.totals.map(({ currency, total }) => ({
              label: t('Total with VAT'),
              value: formatMoney(total, currency),
              kind: 'money' as const,
              strong: true,
            })),
          ]}
        />
      )
    }
    foot={<Verbs run={run} />}
  />
)

const Verbs = ({ run }: { run: RunRow }) => (
  <form class="actions" method="post" action={runPath(run.id, 'apply')}>
    <input type="hidden" name="shown" value={shownToken(run)} />
    {run.invoices > 0 ? (
      [false, true].map(issues => (
        <button class={issues === run.issues ? 'btn btn-primary' : 'btn'} type="submit" name="issues" value={issues ? 'yes' : 'no'}>
          {issues ? t('Bill exactly this and issue it') : t('Bill exactly this, as drafts')}
        </button>
      ))
    ) : (
      <button class="btn btn-primary" type="submit" name="issues" value="no">
        {t('End the run')}
      </button>
    )}
    {run.invoices > 0 && (
      <ButtonLink href={runPath(run.id, 'lines.csv')} icon="download">
        {t('Each line as a file')}
      </ButtonLink>
    )}
  </form>
)

async function Proposals({ run }: { run: RunRow }) {
  const { db, query } = currentScope()
  const search = cleanSearch(query.get('q') ?? '')
  const after = /^\d{1,15}$/.test(query.get('after') ?? '') ? Number(query.get('after')) : 0
  const found = await proposalsOf(db, run.id, { after, limit: pageSize + 1, search: literal(search) })
  const rows = found.slice(0, pageSize)
  return (
    <section aria-label={t('What each member would be billed')}>
      <Filters label={t('What each member would be billed')} search={{ label: t('Search a member'), value: search }} />
      <div id="rows">
        <div class="card">
          {rows.length > 0 ? (
            <BillTable caption={t('What each member would be billed')} rows={rows} />
          ) : search !== '' ? (
            <NothingMatches clearHref={runPath(run.id)} />
          ) : (
            <Empty title={t('Nothing to bill')} icon="circle-check">
              {t('Everybody is billed up to this day already.')}
            </Empty>
          )}
        </div>
        <KeysetPager
          previous={after > 0 ? withQuery(query, { after: undefined }) : undefined}
          next={found.length > pageSize ? withQuery(query, { after: rows.at(-1)?.memberId }) : undefined}
          note={t('In the order in which members joined')}
        />
      </div>
    </section>
  )
}

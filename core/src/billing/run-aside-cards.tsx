import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { ButtonLink, Card, CardBody, formatNumber, Note, PostButton, sitePath, Todo } from '../ui/index.ts'
import { reasonWords } from '../ui/reason.ts'
import { BillTable } from './run-bill-table.tsx'
import { proposalsOf, type RunRow, type SetAsideRow } from './run-queries.ts'
import { isUnderWay, runPath } from './run-words.tsx'

/** Who could not be billed: why, and where to mend it. */
export function FailedCard({ run, rows }: { run: RunRow; rows: readonly SetAsideRow[] }) {
  if (run.failed === 0) return null
  const retries = run.state === 'done' || run.state === 'preview'
  return (
    <Card
      title={t('Set aside')}
      id="failed"
      note={formatNumber(run.failed)}
      body={false}
      actions={
        retries && (
          <PostButton action={runPath(run.id, 'retry')} fields={{ which: 'failed' }} icon="refresh" small>
            {t('Try again')}
          </PostButton>
        )
      }
    >
      <Todo
        items={rows.map(row => ({
          tone: 'fail',
          text: (
            <>
              <b>
                <a href={sitePath(`/admin/members/${row.memberId}`)}>{row.member}</a>
              </b>{' '}
              {row.error && reasonWords(row.error)}{' '}
              {row.attempts > 1 && <span class="quiet">{t('{{count}} tries', { count: row.attempts })}</span>}
            </>
          ),
          action:
            row.offerId === null ? (
              <ButtonLink small href={sitePath(`/admin/members/${row.memberId}`)}>
                {t('See the member')}
              </ButtonLink>
            ) : (
              <ButtonLink small href={sitePath(`/admin/offers/${row.offerId}`)}>
                {t('See the offer')}
              </ButtonLink>
            ),
        }))}
      />
      {rows.length < run.failed && <More count={run.failed - rows.length} />}
      {!isUnderWay(run.state) && (
        <CardBody>
          <p class="small quiet m-0">{t('Mend what is wrong, then try again: the others are not billed twice.')}</p>
        </CardBody>
      )}
    </Card>
  )
}

const More = ({ count }: { count: number }) => (
  <CardBody>
    <p class="quiet m-0">{t('and {{count}} more', { count })}</p>
  </CardBody>
)

const mostShown = 50

/** Who was no longer as shown when it was billed: what it would be now. */
export async function ChangedCard({ run }: { run: RunRow }) {
  const rows = await proposalsOf(currentScope().db, run.id, { state: 'changed', limit: mostShown })
  return (
    <Card
      title={t('No longer as shown')}
      id="changed"
      note={formatNumber(run.changed)}
      body={false}
      actions={
        run.state === 'done' && (
          <PostButton action={runPath(run.id, 'retry')} fields={{ which: 'changed' }} small>
            {t('Bill these as they are now')}
          </PostButton>
        )
      }
    >
      <CardBody>
        <Note tone="drift">
          {t('Something changed for these members after the run was shown, so they were not billed. This is what it would be now.')}
        </Note>
      </CardBody>
      <BillTable caption={t('No longer as shown')} rows={rows} />
      {rows.length < run.changed && <More count={run.changed - rows.length} />}
    </Card>
  )
}

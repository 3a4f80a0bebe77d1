import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { ButtonLink, Card, formatNumber, Todo, type TodoItem } from '../ui/index.ts'
import type { RunState } from './run.ts'
import { isUnderWay, runPath, runTitle } from './run-words.tsx'

interface OpenRun extends Record<string, unknown> {
  readonly id: number
  readonly date: string
  readonly state: RunState
  readonly drafts: number
  readonly aside: number
}

/** Runs that are under way or need a person, the newest first. One statement. */
async function openRuns(db: Tx): Promise<readonly OpenRun[]> {
  const { rows } = await db.execute<OpenRun>(sql`
    SELECT * FROM (
      SELECT r.id, r.date, r.state,
        CASE WHEN r.state = 'done' THEN (SELECT count(*)::int FROM invoice WHERE run_id = r.id AND state = 'draft') ELSE 0 END AS drafts,
        CASE WHEN r.state <> 'dropped' THEN (SELECT count(*)::int FROM billing_run_member m WHERE m.run_id = r.id AND m.state IN ('failed', 'changed')) ELSE 0 END AS aside
      FROM billing_run r ORDER BY r.id DESC LIMIT 12) o
    WHERE state NOT IN ('done', 'dropped') OR drafts > 0 OR aside > 0 ORDER BY id DESC`)
  return rows
}

/** How many runs wait for somebody, beside their drafts: asked with every page of staff. */
export const runsWaiting = sql`
  SELECT count(*) FROM (SELECT * FROM billing_run ORDER BY id DESC LIMIT 12) r
  WHERE r.state IN ('preview', 'stopped') OR (r.state <> 'dropped' AND EXISTS (SELECT FROM billing_run_member m WHERE m.run_id = r.id AND m.state IN ('failed', 'changed')))`

/** On the first page of staff: the runs that need a person, or are under way. */
export async function RunTodayCard() {
  const { db, actor } = currentScope()
  if (!mayEverywhere(actor, 'billing.run')) return undefined
  const runs = await openRuns(db)
  if (runs.length === 0) return undefined
  return (
    <Card title={t('Billing runs')} id="runs" body={false} note={formatNumber(runs.length)}>
      <Todo
        items={runs.map(
          (run): TodoItem => ({
            ...standing(run),
            action: (
              <ButtonLink small href={runPath(run.id)}>
                {t('See the run')}
              </ButtonLink>
            ),
          }),
        )}
      />
    </Card>
  )
}

function standing(run: OpenRun): Pick<TodoItem, 'tone' | 'icon' | 'text'> {
  const { aside, drafts, state } = run
  const words = [
    state === 'preview' && t('It is worked out: look at it, then bill exactly that.'),
    state === 'stopped' && t('It is stopped.'),
    isUnderWay(state) && t('It is under way.'),
    aside > 0 && t('It set {{count}} members aside.', { count: aside }),
    drafts > 0 && t('{{count}} drafts wait until somebody issues them.', { count: drafts }),
  ].filter(Boolean)
  return {
    tone: aside > 0 ? 'fail' : state === 'stopped' || state === 'preview' ? 'drift' : 'wait',
    icon: 'player-play',
    text: (
      <>
        <b>{runTitle(run)}.</b> {words.join(' ')}
      </>
    ),
  }
}

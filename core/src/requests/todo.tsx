import { sql } from 'drizzle-orm'
import { visibleTo } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope, may, withinScope } from '../app/scope.ts'
import { ButtonLink, Moment, sitePath, type TodoItem } from '../ui/index.ts'
import { requestResource } from './resource.tsx'

interface Open extends Record<string, unknown> {
  readonly count: number
  readonly since: string | null
  readonly id: number | null
  readonly names: string | null
}

/** The requests that nobody has answered, as a line of what needs a person: of those that who looks may see. None when there are none. */
export async function requestsToAnswer(): Promise<readonly TodoItem[]> {
  const { db, actor } = currentScope()
  if (!may(actor, 'request.view')) return []
  const { rows } = await db.execute<Open>(sql`
    WITH waiting AS (SELECT request.id, request.asker, request.opened_at FROM request
      WHERE request.state = 'open' AND ${visibleTo(requestResource, actor)})
    SELECT count(*)::int AS count, to_json(min(opened_at)) #>> '{}' AS since, min(id)::int AS id,
      (SELECT string_agg(asker, ', ' ORDER BY id) FROM (SELECT asker, id FROM waiting ORDER BY id LIMIT 3) AS first) AS names
    FROM waiting`)
  const { count = 0, since, id, names } = rows[0] ?? {}
  if (count === 0) return []
  return withinScope({ app: 'request' }, () => [
    {
      tone: 'wait',
      icon: 'clipboard-list',
      text: (
        <>
          <b>{t('{{count}} requests wait for an answer:', { count })}</b> {`${names}${count > 3 ? '…' : '.'}`}{' '}
          {since && (
            <span class="quiet text-nowrap">
              <Moment at={since} relative />
            </span>
          )}
        </>
      ),
      action: (
        <ButtonLink small href={sitePath(count === 1 ? `/admin/requests/${id}` : '/admin/requests?view=open')}>
          {t('Answer')}
        </ButtonLink>
      ),
    },
  ])
}

import { sql } from 'drizzle-orm'
import { visibleTo } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope, may } from '../app/scope.ts'
import type { SlotRenderers } from '../app/slots.ts'
import { url } from '../app/url.ts'
import { ButtonLink, Card, Empty, formatDate, localDate, sitePath, Table } from '../ui/index.ts'
import { kindLabel } from './kinds.ts'
import { requestsOf } from './queries.ts'
import { requestResource } from './resource.tsx'
import type { RequestState as StateName } from './tables.ts'
import { RequestState } from './words.tsx'

/** Where requests show on pages of others. */
export const slots = { 'home.member': OwnOpen, 'member.details': OfMember } satisfies SlotRenderers

/** What is open, on the member’s first page, and the way to ask. */
async function OwnOpen({ memberId }: { memberId: number }) {
  const open = (await requestsOf(currentScope().db, memberId, 5)).filter(({ state }) => state === 'open' || state === 'waiting')
  return (
    <Card
      title={t('My requests')}
      body={false}
      actions={
        <ButtonLink small href={url('request:choose')} icon="plus">
          {t('Ask for something')}
        </ButtonLink>
      }
    >
      <Table
        caption={t('My requests')}
        rows={open}
        rowHref={({ id }) => url('request:own', { id })}
        empty={<div class="card-body quiet">{t('Nothing waits for an answer.')}</div>}
        columns={[
          { key: 'kind', label: t('Request'), render: ({ kind }) => kindLabel(kind), sub: ({ about }) => about },
          { key: 'state', label: t('State'), align: 'end', render: ({ state, kind }) => <RequestState state={state} kind={kind} own /> },
        ]}
      />
    </Card>
  )
}

interface Line extends Record<string, unknown> {
  readonly id: number
  readonly kind: string
  readonly state: StateName
  readonly openedAt: Date
}

/** What a member has asked for, on their page for staff: of these, what who looks may see. */
async function OfMember({ memberId }: { memberId: number }) {
  const { db, actor } = currentScope()
  if (!may(actor, 'request.view')) return undefined
  const { rows } = await db.execute<Line>(sql`
    SELECT request.id, kind, state, opened_at AS "openedAt" FROM request
    WHERE member_id = ${memberId} AND ${visibleTo(requestResource, actor)} ORDER BY queue < 2000000000000000 DESC, id DESC LIMIT 10`)
  if (rows.length === 0) return undefined
  const open = rows.filter(({ state }) => state === 'open' || state === 'waiting').length
  return (
    <Card title={t('Requests')} body={false} note={open > 0 ? t('{{count}} open', { count: open }) : undefined}>
      <Table<Line>
        caption={t('Requests')}
        rows={rows}
        rowHref={({ id }) => sitePath(`/admin/requests/${id}`)}
        empty={<Empty title={t('No request yet')} />}
        columns={[
          { key: 'kind', label: t('Request'), render: ({ kind }) => kindLabel(kind) },
          { key: 'openedAt', label: t('Asked'), wide: true, render: ({ openedAt }) => formatDate(localDate(new Date(openedAt)), 'table') },
          { key: 'state', label: t('State'), align: 'end', render: ({ state, kind }) => <RequestState state={state} kind={kind} /> },
        ]}
      />
    </Card>
  )
}

import { eq, getTableColumns, sql } from 'drizzle-orm'
import { visibleTo } from '../admin/find.ts'
import type { Choice, Row } from '../app/resource.ts'
import { defineResource } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { membersWithin } from '../members/within.ts'
import { formatRelative } from '../ui/index.ts'
import { kindLabel } from './kinds.ts'
import { RequestActions, RequestDetails } from './page.tsx'
import { answeringPeople } from './people.ts'
import { aboutSql } from './queries.ts'
import { requests, type RequestState as StateName } from './tables.ts'
import { RequestState, states } from './words.tsx'

const isOpen = sql`request.state = 'open'`

/** The work list: what people have asked for, what needs an answer first. */
export const requestResource = defineResource({
  name: 'request',
  plural: 'requests',
  label: 'Request',
  labelPlural: 'Requests',
  icon: 'clipboard-list',
  section: 'people',
  order: 5,
  count: () => sql`SELECT count(*) FROM request WHERE ${isOpen} AND ${visibleTo(requestResource, currentScope().actor)}`,
  empty: 'What members ask for, and who wants to become one: it waits here until somebody answers.',
  table: requests,
  fields: {
    kind: { label: 'Kind', kind: 'choice', choices: async () => kindChoices() },
    state: { label: 'State', kind: 'choice', choices: states },
    asker: { label: 'Who asked' },
    memberId: { label: 'Member', reference: 'member' },
    subscriptionId: { label: 'Subscription', reference: 'subscription' },
    offerId: { label: 'Offer', reference: 'offer' },
    wanted: { label: 'What was filled in' },
    assignedTo: { label: 'Looked after by', kind: 'choice', choices: answeringPeople },
    openedAt: { label: 'Asked' },
    closedAt: { label: 'Answered' },
  },
  add: [],
  change: [],
  removable: false,
  importable: false,
  list: {
    from: sql`request`,
    columns: [
      { key: 'queue', label: 'Request', sql: sql`request.queue`, render: (_, row) => kindLabel(String(row.kind)) },
      { key: 'asker', label: 'Who asked', sql: sql`request.asker` },
      {
        key: 'about',
        label: 'About',
        late: true,
        wide: true,
        sql: sql`(SELECT ${aboutSql} FROM request WHERE request.id = row.id)`,
      },
      {
        key: 'assigned',
        label: 'Looked after by',
        late: true,
        wide: true,
        sql: sql`(SELECT u.name FROM auth."user" u WHERE u.id = row."assignedTo")`,
        render: name => (name ? String(name) : <span class="quiet">–</span>),
      },
      {
        key: 'openedAt',
        label: 'Asked',
        sql: sql`to_json(request.opened_at) #>> '{}'`,
        wide: true,
        render: at => <time datetime={String(at)}>{formatRelative(String(at))}</time>,
      },
      {
        key: 'state',
        label: 'State',
        align: 'end',
        sql: sql`request.state`,
        render: (state, row) => <RequestState state={state as StateName} kind={String(row.kind)} />,
      },
    ],
    hidden: { kind: sql`request.kind`, assignedTo: sql`request.assigned_to` },
    search: term => sql`coin.fold(request.asker) LIKE '%' || coin.fold(${term}) || '%'`,
    searchHint: 'Who asked',
    filters: {
      kind: { label: 'Kind', choices: async () => kindChoices(), where: value => sql`request.kind = ${value}` },
      state: { label: 'State', choices: states, where: value => sql`request.state = ${value}` },
      assigned: {
        label: 'Looked after by',
        choices: async tx => [{ value: 'nobody', label: 'Nobody yet' }, ...(await answeringPeople(tx))],
        where: value => (value === 'nobody' ? sql`request.assigned_to IS NULL` : sql`request.assigned_to = ${value}`),
      },
    },
    views: [
      { name: 'open', label: 'To answer', where: isOpen },
      { name: 'waiting', label: 'Waiting for the member', where: sql`request.state = 'waiting'` },
      { name: 'closed', label: 'Answered', where: sql`request.state NOT IN ('open', 'waiting')` },
    ],
    sort: 'queue',
    choice: sql`request.asker || ' #' || request.id`,
  },
  describe: row => `${kindLabel(String(row.kind))} · ${row.asker}`,
  async load(id, tx) {
    const assignedName = sql<string | null>`(SELECT u.name FROM auth."user" u WHERE u.id = request.assigned_to)`
    const [row] = await tx
      .select({ ...getTableColumns(requests), assignedName })
      .from(requests)
      .where(eq(requests.id, id))
    return row as Row | undefined
  },
  head: row => <RequestState state={row.state as StateName} kind={String(row.kind)} />,
  actions: row => <RequestActions row={row} />,
  details: (row, tx) => <RequestDetails row={row} tx={tx} />,
  within: part => sql`(request.offer_id = ANY (${sql.param([...part.offers])}::bigint[]) OR request.member_id IN ${membersWithin(part)})`,
})

const kindChoices = (): Choice[] => [...currentScope().registry.requests.keys()].map(value => ({ value, label: kindLabel(value) }))

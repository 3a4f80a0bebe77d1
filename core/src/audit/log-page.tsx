import { humanise } from '../admin/fields.ts'
import { tellHistory } from '../admin/history.ts'
import { Changes } from '../admin/timeline.tsx'
import { can } from '../admin/write.ts'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import {
  ButtonLink,
  type Chip,
  Empty,
  Facts,
  Field,
  Filters,
  KeysetPager,
  Moment,
  Page,
  parseDate,
  Stack,
  sitePath,
  Table,
  withQuery,
} from '../ui/index.ts'
import { type AuditEntry, type AuditQuery, auditEntries, auditEntry, auditTables, resourceOfTable } from './entries.ts'
import { ChainState } from './standing.tsx'

const pageSize = 50

/** Everything that was done: who, when, what; the newest first. */
export const logPage: View = {
  path: '/admin/audit',
  access: 'audit.view',
  async get() {
    const { db, query, registry } = currentScope()
    const asked = readQuery(query)
    const { rows, more } = await auditEntries(db, asked, pageSize)
    const oldest = rows.at(-1)?.id
    return (
      <Page title={t('Audit log')}>
        <Stack>
          <ChainState />
          <LogFilters query={query} asked={asked} registry={registry} tables={await auditTables(db)} />
          <section class="card" id="rows">
            <LogTable rows={rows} registry={registry} />
          </section>
          <KeysetPager
            previous={asked.before === undefined ? undefined : withQuery(query, { before: undefined })}
            next={more && oldest !== undefined ? withQuery(query, { before: oldest }) : undefined}
            note={t('The newest first')}
          />
        </Stack>
      </Page>
    )
  },
}

const digits = (text: string | null) => (text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined)
const dateIn = (text: string | null) => {
  const parsed = text ? parseDate(text) : undefined
  return parsed?.ok ? String(parsed.value) : undefined
}

function readQuery(query: URLSearchParams): AuditQuery {
  return {
    // control characters and halves of pairs are in nobody's name
    who:
      query
        .get('who')
        ?.toWellFormed()
        .replace(/\p{Cc}/gu, '')
        .trim()
        .slice(0, 100) || undefined,
    table: /^[a-z][a-z0-9_]{0,62}$/.exec(query.get('kind') ?? '')?.[0],
    rowId: digits(query.get('row')),
    from: dateIn(query.get('from')),
    until: dateIn(query.get('until')),
    before: digits(query.get('before')),
  }
}

interface FilterProps {
  readonly query: URLSearchParams
  readonly asked: AuditQuery
  readonly registry: Registry
  readonly tables: readonly string[]
}

const LogFilters = ({ query, asked, registry, tables }: FilterProps) => {
  const chip = (name: string, label: string, value: string | undefined): Chip[] =>
    value === undefined
      ? []
      : [
          {
            label: t('{{label}}: {{text}}', { label, text: value }),
            removeHref: withQuery(query, { [name]: undefined, before: undefined }),
          },
        ]
  return (
    <Filters
      label={t('Audit log')}
      search={{ name: 'who', label: t('Who acted'), value: asked.who }}
      chips={[
        ...chip('kind', t('What'), asked.table && kindName(registry, asked.table)),
        ...chip('row', t('Number'), asked.rowId?.toString()),
        ...chip('from', t('From'), asked.from),
        ...chip('until', t('Until'), asked.until),
      ]}
    >
      <Field
        name="kind"
        label={t('What')}
        kind="select"
        value={asked.table ?? ''}
        options={[{ value: '', label: t('Any') }, ...tables.map(table => ({ value: table, label: kindName(registry, table) }))]}
      />
      <Field name="row" label={t('Number')} kind="number" value={asked.rowId?.toString() ?? ''} />
      <Field name="from" label={t('From')} kind="date" value={asked.from ?? ''} />
      <Field name="until" label={t('Until')} kind="date" value={asked.until ?? ''} />
    </Filters>
  )
}

/** What a table keeps, in the words of the app that it belongs to. */
function kindName(registry: Registry, table: string): string {
  const known = resourceOfTable(registry, table)
  if (known) return withinScope({ app: known.app }, () => t(known.resource.label))
  return table === 'deed' ? t('Deed') : humanise(table)
}

const LogTable = ({ rows, registry }: { rows: readonly AuditEntry[]; registry: Registry }) => (
  <Table<AuditEntry>
    caption={t('Audit log, the newest first')}
    rows={rows}
    rowHref={({ id }) => url('audit:entry', { id })}
    empty={<Empty title={t('Nothing of this kind was done')} icon="history" />}
    columns={[
      { key: 'what', label: t('What'), render: entry => <What registry={registry} entry={entry} />, sub: entry => fieldsIn(entry) },
      { key: 'who', label: t('Who'), render: ({ actor }) => actor || t('Somebody') },
      { key: 'at', label: t('When'), render: ({ at }) => <Moment at={at} /> },
    ]}
  />
)

/** The address of what was done may be longer than a phone is wide. */
const What = ({ registry, entry }: { registry: Registry; entry: AuditEntry }) => (
  <span class={entry.table === 'deed' ? 'text-break' : undefined}>{whatIn(registry, entry)}</span>
)

function whatIn(registry: Registry, { table, rowId, op, changes }: AuditEntry): string {
  const path = String(changes.path?.[1] ?? '')
  if (table === 'deed') return changes.did?.[1] === 'downloaded' ? t('Downloaded {{path}}', { path }) : t('Carried out {{path}}', { path })
  const what = `${kindName(registry, table)} #${rowId}`
  return op === 'added'
    ? t('{{what}} added', { what })
    : op === 'removed'
      ? t('{{what}} removed', { what })
      : t('{{what}} changed', { what })
}

const fieldsIn = ({ op, table, changes }: AuditEntry) =>
  op === 'changed' && table !== 'deed' ? Object.keys(changes).map(humanise).join(', ') : undefined

/** One entry: each value before and after, and what the chain keeps of it. */
export const entryPage: View = {
  path: '/admin/audit/:id{[0-9]+}',
  access: 'audit.view',
  async get(c) {
    const { db, registry } = currentScope()
    const entry = await auditEntry(db, digits(c.req.param('id') ?? null) ?? 0)
    if (!entry) throw new CoinError('not_found', 'There is no such entry.')
    const known = resourceOfTable(registry, entry.table)
    const told = known
      ? await withinScope({ app: known.app }, () => tellHistory(registry, db, known.resource.table, known.resource.fields, [entry]))
      : []
    return (
      <Page
        title={whatIn(registry, entry)}
        crumbs={[{ label: t('Audit log'), href: url('audit:log') }]}
        actions={
          known &&
          entry.op === 'removed' &&
          can(known.resource, 'add', currentScope().actor) && (
            <ButtonLink href={sitePath(`/admin/${known.resource.plural}/new?undo=${entry.id}`)} icon="history">
              {t('Add it again')}
            </ButtonLink>
          )
        }
      >
        <section class="card">
          <div class="card-body">
            <Facts
              items={[
                { label: t('Who'), value: entry.actor || t('Somebody') },
                { label: t('When'), value: <Moment at={entry.at} /> },
                known !== undefined &&
                  entry.op !== 'removed' && {
                    label: t('Where'),
                    value: <a href={sitePath(`/admin/${known.resource.plural}/${entry.rowId}`)}>{kindName(registry, entry.table)}</a>,
                  },
                {
                  label: t('Everything about it'),
                  value: <a href={url('audit:log', { kind: entry.table, row: entry.rowId })}>{t('In the audit log')}</a>,
                },
                { label: t('Digest in the chain'), value: entry.digest ?? t('Not chained yet: the next minute does it') },
              ]}
            />
          </div>
          <div class="card-body">
            <Changes changes={told[0]?.changes ?? plainChanges(entry)} first={entry.op === 'added'} />
          </div>
        </section>
      </Page>
    )
  },
}

const said = (value: unknown) =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** Of what no app declares, the columns as they are. */
const plainChanges = ({ changes }: AuditEntry) =>
  Object.entries(changes).map(([name, [before, after]]) => ({
    label: humanise(name),
    before: said(before),
    after: said(after),
    secret: before === null && after === null,
  }))

import { t } from '../app/i18n.ts'
import type { AnyResource, Row } from '../app/resource.ts'
import { type Actor, currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import type { CoinError, FieldError } from '../errors.ts'
import { sitePath } from '../ui/index.ts'
import { localPath } from '../web/local-path.ts'
import { redirectTo } from '../web/reply.ts'
import { type LoadedField, loadFields, type SettledField, settleFields } from './fields.ts'
import { idIn, loadRow, requireRow, resourceNamed } from './find.ts'
import { fieldErrors, readForm, readVersion } from './form.tsx'
import { FormPage } from './form-page.tsx'
import { type HistoryEntry, type ToldEntry, tellHistory } from './history.ts'
import { inlineLines } from './inline-lines.tsx'
import { writeLines } from './inline-write.ts'
import { type Line, openLines, type ParsedLine, parseLines, readLines } from './inlines.ts'
import { referenceChoices } from './list.ts'
import { lookupLabels } from './lookup-labels.ts'
import type { AdminRequest } from './mount.ts'
import { parseInput } from './parse-input.ts'
import { carryOut, type Shown as Planned, readStep, sentFields } from './plan.ts'
import { PlanPage } from './plan-page.tsx'
import { crumbsOf, pathOf } from './row-pages.tsx'
import { tellInput } from './tell-input.ts'
import { type Undoing, undoAsked, undoing } from './undo.ts'
import { addRow, changeRow } from './write.ts'

/** What a form shows: from the database, or as it was typed with what is wrong. */
interface Shown {
  readonly values: Readonly<Record<string, unknown>>
  readonly errors?: readonly FieldError[]
  readonly version?: number | undefined
  readonly meanwhile?: readonly ToldEntry[] | undefined
  /** What is said above a form that takes something back. */
  readonly undo?: readonly string[] | undefined
  /** Rows that are edited with this one, as they were typed; those that there are unless given. */
  readonly lines?: readonly Line[]
  readonly status?: 200 | 409 | 422
}

const fieldsFor = ({ resource }: AdminRequest, mode: 'add' | 'change'): SettledField[] =>
  settleFields(resource.table, resource.fields, resource[mode])

/** Where to go afterwards, when a page of this site sent one here. */
const nextOf = async ({ c }: AdminRequest): Promise<string | undefined> => {
  const typed = c.req.method === 'GET' ? c.req.query('next') : (await c.req.parseBody()).next
  return localPath(typeof typed === 'string' ? typed : undefined)
}

/** The empty form; the query may fill fields in. */
export async function addPage(request: AdminRequest): Promise<Response> {
  const fields = fieldsFor(request, 'add')
  const defaults = fields.flatMap(({ name, column }) =>
    column?.default !== undefined && typeof column.default !== 'object' ? [[name, column.default]] : [],
  )
  const given = fields.flatMap(({ name }) => (request.c.req.query(name) === undefined ? [] : [[name, request.c.req.query(name)]]))
  const undo = await undoOf(request, 'add')
  return showAdd(request, { values: { ...Object.fromEntries([...defaults, ...given]), ...undo?.values }, undo: undo?.sentences })
}

/** What the address asks to take back. */
async function undoOf(request: AdminRequest, mode: 'add' | 'change', row?: Row): Promise<Undoing | undefined> {
  const asked = undoAsked()
  if (asked === undefined) return undefined
  return undoing(request.coin.database.db, request.resource, fieldsFor(request, mode), asked, row)
}

export async function saveNew(request: AdminRequest): Promise<Response> {
  const { c, coin, resource } = request
  const fields = fieldsFor(request, 'add')
  const raw = await readForm(c, fields)
  const lines = await readLines(c, coin.registry, coin.database.db, resource)
  const step = await readStep(c)
  if (step.kind === 'edit') return showAdd(request, { values: raw, lines })
  const parsed = await parseInput(coin.registry, coin.database.db, fields, raw, 'add')
  const below = await parseLines(coin.registry, coin.database.db, undefined, lines)
  if (!parsed.ok || below.errors.length > 0)
    return showAdd(request, { values: raw, lines, errors: [...(parsed.ok ? [] : parsed.errors), ...below.errors], status: 422 })
  const input = { add: resource.name, kind: c.req.query('kind') ?? '', values: parsed.values, lines: below.parsed.map(valuesOf) }
  const { actor } = currentScope()
  const result = await carryOut(coin, step, input, writer =>
    writer.transaction(actor, async tx => {
      const id = await addRow(within(tx), actor, resource, parsed.values)
      await writeLines(tx, actor, id, below.parsed)
      return id
    }),
  )
  if ('error' in result)
    return showAdd(request, { values: raw, lines, errors: fieldErrors(result.error, allFields(fields, lines)), status: 422 })
  if ('plan' in result) return showPlan(request, undefined, result, await tellInput(coin.registry, coin.database.db, fields, parsed.values))
  const row = await loadRow(resource, result.done, coin.database.db)
  const next = await nextOf(request)
  return redirectTo(
    c,
    next ? sitePath(next) : row ? pathOf(resource, row.id) : pathOf(resource),
    t('{{name}} is added.', { name: row ? resource.describe(row) : t(resource.label) }),
  )
}

/** Writes in a transaction that has begun. */
const within = (tx: Tx) => ({ transaction: <R,>(_: Actor, work: (inner: Tx) => Promise<R>) => work(tx) })

const valuesOf = ({ child, row, removed, parsed }: ParsedLine) => ({ of: child.name, id: row?.id ?? null, removed, values: parsed })
const allFields = (fields: readonly SettledField[], lines: readonly Line[]) => [...fields, ...lines.flatMap(line => line.fields)]

const addTitle = (resource: AnyResource) => (resource.labelNew ? t(resource.labelNew) : t('Add: {{kind}}', { kind: t(resource.label) }))

/** The form's own address; of one kind, with the kind. */
const here = ({ c }: AdminRequest) =>
  sitePath(currentScope().path) + (c.req.query('kind') ? `?kind=${encodeURIComponent(c.req.query('kind') ?? '')}` : '')

/** What the change would do, instead of doing it. */
async function showPlan(
  request: AdminRequest,
  row: Row | undefined,
  { plan, moved }: Planned,
  changes: ToldEntry['changes'],
): Promise<Response> {
  const { c, resource } = request
  const next = await nextOf(request)
  const page = (
    <PlanPage
      title={row ? t('Change {{name}}', { name: resource.describe(row) }) : addTitle(resource)}
      crumbs={crumbsOf(resource, row)}
      plan={plan}
      moved={moved}
      action={here(request)}
      sent={await sentFields(c)}
      submit={row ? t('Save') : t('Add')}
      cancel={next ? sitePath(next) : row ? pathOf(resource, row.id) : pathOf(resource)}
      changes={changes}
      adds={row === undefined}
      editable
    />
  )
  return c.html(page, moved ? 409 : 200)
}

async function showAdd(request: AdminRequest, { values, errors = [], undo, lines, status = 200 }: Shown): Promise<Response> {
  const { c, coin, resource } = request
  const next = await nextOf(request)
  const { fields, shown } = await prepare(request, 'add', values)
  const below = lines ?? (await openLines(coin.registry, coin.database.db, resource, undefined))
  return c.html(
    <FormPage
      title={addTitle(resource)}
      crumbs={crumbsOf(resource)}
      action={here(request)}
      submit={t('Add')}
      review={resource.planned}
      cancel={next ? sitePath(next) : pathOf(resource)}
      fields={fields}
      values={shown}
      errors={errors}
      hidden={next ? { next } : {}}
      above={undo}
      below={await inlineLines(coin.registry, coin.database.db, below, errors)}
      belowFields={below.flatMap(line => line.fields)}
    />,
    status,
  )
}

export async function editPage(request: AdminRequest): Promise<Response> {
  const row = await rowOf(request)
  const undo = await undoOf(request, 'change', row)
  return showEdit(request, row, {
    values: undo?.values ?? row,
    version: typeof row.version === 'number' ? row.version : undefined,
    undo: undo?.sentences,
  })
}

const rowOf = ({ c, coin, resource }: AdminRequest): Promise<Row> => requireRow(resource, idIn(c.req.param('id') ?? ''), coin.database.db)

export async function save(request: AdminRequest): Promise<Response> {
  const { c, coin, resource } = request
  const row = await rowOf(request)
  const fields = fieldsFor(request, 'change')
  const raw = await readForm(c, fields)
  const version = await readVersion(c)
  const lines = await readLines(c, coin.registry, coin.database.db, resource)
  const step = await readStep(c)
  if (step.kind === 'edit') return showEdit(request, row, { values: raw, version, lines })
  const parsed = await parseInput(coin.registry, coin.database.db, fields, raw, 'change', row)
  const below = await parseLines(coin.registry, coin.database.db, row.id, lines)
  if (!parsed.ok || below.errors.length > 0)
    return showEdit(request, row, {
      values: raw,
      lines,
      errors: [...(parsed.ok ? [] : parsed.errors), ...below.errors],
      version,
      status: 422,
    })
  const input = { change: resource.name, id: row.id, version, values: parsed.values, lines: below.parsed.map(valuesOf) }
  const { actor } = currentScope()
  const result = await carryOut(coin, step, input, writer =>
    writer.transaction(actor, async tx => {
      await changeRow(within(tx), actor, resource, row.id, version, parsed.values)
      await writeLines(tx, actor, row.id, below.parsed)
    }),
  )
  if ('error' in result) {
    const { error } = result
    if (error.code !== 'conflict')
      return showEdit(request, row, { values: raw, lines, errors: fieldErrors(error, allFields(fields, lines)), version, status: 422 })
    return showEdit(request, row, { values: raw, status: 409, ...(await readConflict(request, error, version, lines)) })
  }
  if ('plan' in result) return showPlan(request, row, result, await tellInput(coin.registry, coin.database.db, fields, parsed.values, row))
  const next = await nextOf(request)
  const after = (await loadRow(resource, row.id, coin.database.db)) ?? row
  return redirectTo(c, next ? sitePath(next) : pathOf(resource, row.id), t('{{name}} is saved.', { name: resource.describe(after) }))
}

/** What somebody else did to the row, or to one that is edited with it; with the versions to decide about. */
async function readConflict(
  { coin, resource }: AdminRequest,
  { detail }: CoinError,
  version: number | undefined,
  lines: readonly Line[],
): Promise<Pick<Shown, 'version' | 'meanwhile' | 'lines'>> {
  const line = lines.find(({ prefix }) => prefix === detail.line)
  const { table, fields } = line ? resourceNamed(coin.registry, line.child.name) : resource
  // made by staleError
  const meanwhile = await tellHistory(coin.registry, coin.database.db, table, fields, detail.changes as readonly HistoryEntry[])
  const now = Number(detail.version)
  return line
    ? { version, meanwhile, lines: lines.map(one => (one === line ? { ...one, version: now } : one)) }
    : { version: now, meanwhile, lines }
}

async function showEdit(
  request: AdminRequest,
  row: Row,
  { values, errors = [], version, meanwhile, undo, lines, status = 200 }: Shown,
): Promise<Response> {
  const { c, coin, resource } = request
  const next = await nextOf(request)
  const { fields, shown } = await prepare(request, 'change', values)
  const below = lines ?? (await openLines(coin.registry, coin.database.db, resource, row.id))
  return c.html(
    <FormPage
      title={t('Change {{name}}', { name: resource.describe(row) })}
      crumbs={crumbsOf(resource, row)}
      action={sitePath(currentScope().path)}
      submit={t('Save')}
      review={resource.planned}
      cancel={next ? sitePath(next) : pathOf(resource, row.id)}
      fields={fields}
      values={shown}
      errors={errors}
      hidden={{ ...(version !== undefined && { version: String(version) }), ...(next && { next }) }}
      meanwhile={meanwhile}
      above={undo}
      below={await inlineLines(coin.registry, coin.database.db, below, errors)}
      belowFields={below.flatMap(line => line.fields)}
    />,
    status,
  )
}

/** Fields with their choices; a stored reference that is looked up is shown by its name. */
async function prepare(
  { coin, ...request }: AdminRequest,
  mode: 'add' | 'change',
  values: Readonly<Record<string, unknown>>,
): Promise<{ fields: LoadedField[]; shown: Record<string, unknown> }> {
  const fields = await loadFields(coin.registry, coin.database.db, fieldsFor({ coin, ...request }, mode), referenceChoices)
  return { fields, shown: await lookupLabels(coin.registry, coin.database.db, fields, values) }
}

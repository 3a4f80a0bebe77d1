import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { Stack } from '../ui/index.ts'
import { pageAnswer, redirectTo } from '../web/reply.ts'
import { idIn, requireRow } from './find.ts'
import { readVersion } from './form.tsx'
import { historyTablesOf, readHistory, type ToldEntry, tellHistory } from './history.ts'
import { listRows, referenceChoices } from './list.ts'
import { ListPage } from './list-page.tsx'
import { readListQuery } from './list-query.ts'
import type { AdminRequest } from './mount.ts'
import { carryOut, readStep, sentFields } from './plan.ts'
import { PlanPage } from './plan-page.tsx'
import { Related } from './related.tsx'
import { crumbsOf, HistoryPage, pathOf, RemovePage, RowFacts, RowPage } from './row-pages.tsx'
import { preferenceOf } from './saved-view.ts'
import { address } from './saved-view-form.ts'
import { can, removeRow } from './write.ts'

export async function listPage({ c, coin, resource }: AdminRequest): Promise<Response> {
  const { query } = currentScope()
  const preference = await preferenceOf(coin.database.db, resource.name, currentScope().actor)
  const opened = query.size === 0 && preference.views.find(({ id }) => id === preference.opensWith)
  if (opened) return c.redirect(address(pathOf(resource), opened.query, opened.id))
  const result = await listRows(resource, coin.database.db, { ...readListQuery(query), usualColumns: preference.columns })
  const saved = preference.views.find(({ id }) => String(id) === query.get('saved'))
  return pageAnswer(c, <ListPage resource={resource} result={result} preference={preference} saved={saved} />)
}

/** Options for a field that refers to this resource, while one types: what is typed comes under the field's own name. */
export async function choicesAnswer({ c, coin, resource }: AdminRequest): Promise<Response> {
  const field = c.req.query('field')
  const term = c.req.query('q') ?? (field ? c.req.query(field) : undefined) ?? ''
  const choices = await referenceChoices(coin.registry, coin.database.db, resource.name, 20, term)
  return c.html(choices.map(({ value, label }) => String(<option value={`${label} #${value}`} />)).join(''))
}

export async function rowPage({ c, coin, resource }: AdminRequest): Promise<Response> {
  const tx = coin.database.db
  const row = await requireRow(resource, idIn(c.req.param('id') ?? ''), tx)
  const body = resource.details ? resource.details(row, tx) : <RowFacts registry={coin.registry} resource={resource} row={row} tx={tx} />
  const related = await Related({ registry: coin.registry, resource, id: row.id, tx })
  const whole = related ? (
    <Stack>
      {await body}
      {related}
    </Stack>
  ) : (
    await body
  )
  return c.html(<RowPage resource={resource} row={row} body={whole} />)
}

export async function historyPage({ c, coin, resource }: AdminRequest): Promise<Response> {
  const tx = coin.database.db
  const row = await requireRow(resource, idIn(c.req.param('id') ?? ''), tx)
  const entries = await tellHistory(
    coin.registry,
    tx,
    resource.table,
    resource.fields,
    await readHistory(tx, historyTablesOf(resource), row.id),
  )
  const changeable = can(resource, 'change', currentScope().actor) && !(resource.fixed?.(row) ?? false)
  const undoHref = (entry: ToldEntry) =>
    changeable && entry.op === 'changed' && entry.changes.some(({ secret, erased }) => !secret && !erased)
      ? `${pathOf(resource, row.id, 'edit')}?undo=${entry.id}`
      : undefined
  return c.html(<HistoryPage title={resource.describe(row)} crumbs={crumbsOf(resource, row)} entries={entries} undoHref={undoHref} />)
}

export const removePage = (request: AdminRequest): Promise<Response> => showRemoval(request)

async function showRemoval({ c, coin, resource }: AdminRequest, refusal?: string): Promise<Response> {
  const tx = coin.database.db
  const row = await requireRow(resource, idIn(c.req.param('id') ?? ''), tx)
  const page = (
    <RemovePage
      title={resource.describe(row)}
      crumbs={crumbsOf(resource, row)}
      action={pathOf(resource, row.id, 'remove')}
      back={pathOf(resource, row.id)}
      version={typeof row.version === 'number' ? row.version : undefined}
      consequences={(await resource.consequences?.(row, tx)) ?? []}
      refusal={refusal}
      review={resource.planned}
    />
  )
  return c.html(page, refusal ? 409 : 200)
}

export async function remove(request: AdminRequest): Promise<Response> {
  const { c, coin, resource } = request
  const row = await requireRow(resource, idIn(c.req.param('id') ?? ''), coin.database.db)
  const [step, version] = [await readStep(c), await readVersion(c)]
  const input = { remove: resource.name, id: row.id, version }
  const result = await carryOut(coin, step, input, writer => removeRow(writer, currentScope().actor, resource, row.id, version))
  if ('error' in result) {
    const { code, message, values, hint } = result.error
    return showRemoval(request, [t(message, values), hint && code !== 'conflict' ? t(hint, values) : ''].filter(Boolean).join(' '))
  }
  if ('plan' in result) {
    const page = (
      <PlanPage
        title={t('Remove {{name}}?', { name: resource.describe(row) })}
        crumbs={crumbsOf(resource, row)}
        plan={result.plan}
        moved={result.moved}
        action={pathOf(resource, row.id, 'remove')}
        sent={await sentFields(c)}
        submit={t('Remove')}
        danger
        cancel={pathOf(resource, row.id)}
      />
    )
    return c.html(page, result.moved ? 409 : 200)
  }
  return redirectTo(c, pathOf(resource), t('{{name}} is removed.', { name: resource.describe(row) }))
}

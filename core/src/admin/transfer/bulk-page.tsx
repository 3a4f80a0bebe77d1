import { t } from '../../app/i18n.ts'
import type { ChangePlan, Moved, PlannedChange } from '../../app/plan.ts'
import { currentScope } from '../../app/scope.ts'
import { CoinError, isCoinError } from '../../errors.ts'
import { redirectTo } from '../../web/reply.ts'
import { loadFields } from '../fields.ts'
import { referenceChoices } from '../list.ts'
import type { AdminRequest } from '../mount.ts'
import { parseInput } from '../parse-input.ts'
import { pathOf } from '../row-pages.tsx'
import { can } from '../write.ts'
import { type BulkDeed, bulkDeeds, bulkFields } from './bulk-fields.ts'
import { BulkForm } from './bulk-form.tsx'
import { BulkPlan } from './bulk-plan.tsx'
import { type ChosenRows, idsOfChosen } from './bulk-rows.ts'
import { applyBulk, type BulkOutcome, type BulkRequest, rehearseBulk } from './bulk-write.ts'
import { kindShown } from './export-table.ts'

/** What a form about chosen rows has sent. */
export interface SentBulk {
  readonly deed: BulkDeed
  readonly chosen: ChosenRows
  /** The fields that are to be set. */
  readonly set: readonly string[]
  /** What was typed, by field. */
  readonly raw: Readonly<Record<string, string>>
}

/** Rows of which it is worked out what changing them does to bills, addresses and the network. */
const mostPlanned = 200

/** Changes or removes chosen rows: what it does is shown, then done as it was shown, or not at all. */
export async function bulkPage(request: AdminRequest): Promise<Response> {
  const { c, coin } = request
  const resource = kindShown(coin.registry, request.resource, c.req.query('view'))
  const form = await c.req.parseBody({ all: true })
  const own = request.resource.bulk?.(c.req.query('view') ?? '')
  const wanted = textOf(form.do)
  // the resource's own page takes over, with all that was sent
  if (own?.actions.some(({ value }) => value === wanted)) return c.redirect(`${currentScope().basePath}${own.path}`, 307)
  const deed = Object.values(bulkDeeds).find(value => value === wanted)
  if (!deed) throw new CoinError('invalid', 'What was sent cannot be read.', { hint: 'Open the page again and send it from there.' })
  if (!can(resource, deed === bulkDeeds.remove ? 'remove' : 'change', currentScope().actor))
    throw new CoinError('forbidden', 'You may not do this.')
  const sent: SentBulk = { deed, chosen: chosenIn(form), set: valuesIn(form.set), raw: rawIn(form) }
  const ids = await idsOfChosen(resource, sent.chosen, coin.database.db)
  if (ids.length === 0) return redirectTo(c, pathOf(request.resource), t('Choose at least one.'), 'fail')
  const back = { ...request, resource }
  if (deed === bulkDeeds.remove) return decide(back, sent, { resource, ids, values: undefined }, form)
  if (form.again === 'yes') return showForm(back, sent, ids.length)
  if (sent.set.length === 0) {
    const typed = Object.keys(sent.raw).length > 0
    return showForm(back, sent, ids.length, typed ? [{ field: '', message: 'Tick at least one field.' }] : [])
  }
  const fields = bulkFields(resource).filter(({ name }) => sent.set.includes(name))
  const parsed = await parseInput(coin.registry, coin.database.db, fields, sent.raw, 'change')
  if (!parsed.ok) return showForm(back, sent, ids.length, parsed.errors)
  return decide(back, sent, { resource, ids, values: parsed.values }, form)
}

type Form = Readonly<Record<string, string | File | (string | File)[]>>

const valuesIn = (value: Form[string] | undefined): string[] => [value ?? []].flat().filter(each => typeof each === 'string')
const textOf = (value: Form[string] | undefined): string => valuesIn(value)[0] ?? ''

const chosenIn = (form: Form): ChosenRows =>
  form.all === 'yes'
    ? { query: textOf(form.query) }
    : { ids: valuesIn(form.id).flatMap(text => (/^\d{1,15}$/.test(text) ? [Number(text)] : [])) }

const rawIn = (form: Form): Record<string, string> =>
  Object.fromEntries(Object.keys(form).flatMap(name => (name.startsWith('to.') ? [[name.slice(3), valuesIn(form[name]).join(', ')]] : [])))

async function showForm(request: AdminRequest, sent: SentBulk, count: number, errors: Parameters<typeof BulkForm>[0]['errors'] = []) {
  const { c, coin, resource } = request
  const fields = await loadFields(coin.registry, coin.database.db, bulkFields(resource), referenceChoices)
  return c.html(<BulkForm resource={resource} sent={sent} count={count} fields={fields} errors={errors} />, errors.length > 0 ? 422 : 200)
}

/** Shows what it does; with the digest of what was shown, does it. */
async function decide(request: AdminRequest, sent: SentBulk, bulk: BulkRequest, form: Form): Promise<Response> {
  const { c, coin, resource } = request
  const outcome = await rehearseBulk(coin, bulk)
  const digest = textOf(form.digest)
  if (digest === '') return show(request, sent, bulk, outcome)
  if (digest !== outcome.digest || outcome.refused.length > 0) return show(request, sent, bulk, outcome, ['stored'])
  const planned = textOf(form.planned)
  try {
    if (planned === '') await applyBulk(coin, coin, bulk, digest)
    else {
      const applied = await coin.planner.apply(inputOf(bulk), changeOf(request, bulk, digest), planned)
      if ('plan' in applied) return show(request, sent, bulk, outcome, applied.moved)
    }
  } catch (error) {
    if (!isCoinError(error) || error.code !== 'conflict') throw error
    return show(request, sent, bulk, await rehearseBulk(coin, bulk), ['stored'])
  }
  const count = outcome.changed
  return redirectTo(
    c,
    pathOf(resource),
    bulk.values ? t('{{count}} rows are changed.', { count }) : t('{{count}} rows are removed.', { count }),
  )
}

const inputOf = ({ resource, ids, values }: BulkRequest) => ({ bulk: resource.name, ids, values: values ?? null })

const changeOf =
  ({ coin }: AdminRequest, bulk: BulkRequest, digest: string): PlannedChange<BulkOutcome> =>
  writer =>
    applyBulk(coin, writer, bulk, digest)

async function show(request: AdminRequest, sent: SentBulk, bulk: BulkRequest, outcome: BulkOutcome, moved?: readonly Moved[]) {
  const { c, coin, resource } = request
  const plan = await effectsOf(request, bulk, outcome)
  const consequences = bulk.values ? [] : await consequencesOf(request, outcome)
  const page = (
    <BulkPlan
      resource={resource}
      registry={coin.registry}
      sent={sent}
      values={bulk.values}
      outcome={outcome}
      plan={plan}
      tooMany={resource.planned === true && plan === undefined && outcome.refused.length === 0 && outcome.changed > 0}
      consequences={consequences}
      moved={moved}
    />
  )
  return c.html(page, moved ? 409 : 200)
}

/** What it does to bills, addresses and backends, of a resource that has to do with them. */
async function effectsOf(
  request: AdminRequest,
  bulk: BulkRequest,
  { changed, refused, digest }: BulkOutcome,
): Promise<ChangePlan | undefined> {
  if (!bulk.resource.planned || refused.length > 0 || changed === 0 || changed > mostPlanned) return undefined
  return request.coin.planner.plan(inputOf(bulk), changeOf(request, bulk, digest))
}

/** What removing the first rows does, in sentences; the same once. */
async function consequencesOf({ coin, resource }: AdminRequest, { sample }: BulkOutcome): Promise<readonly string[]> {
  const said = new Set<string>()
  for (const row of sample) for (const sentence of (await resource.consequences?.(row, coin.database.db)) ?? []) said.add(sentence)
  return [...said]
}

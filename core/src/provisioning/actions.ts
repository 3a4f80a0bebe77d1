import type { Context } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError, invalid } from '../errors.ts'
import { localPath } from '../web/local-path.ts'
import { redirectTo } from '../web/reply.ts'
import { askSweep, healDrifted, removeOrphans, retry } from './ask.ts'
import { orphanIds } from './orphan-queries.ts'
import { stateNames, sweepsOf } from './overview-queries.ts'
import { labelOf } from './state-words.ts'

/** A form as it was sent. */
export type Form = Readonly<Record<string, string | readonly string[]>>

/** The backend that a path names. Of one that no installed app brings, states may be left: it need not be installed. */
export const backendOf = (c: Context): string => c.req.param('backend') ?? ''

/** The same, for what only an installed one can do. */
export function installedBackend(c: Context): string {
  const name = backendOf(c)
  if (!currentScope().registry.backends.some(({ backend }) => backend.name === name)) throw notFound()
  return name
}

/** There is no such backend, and nothing is left of one. */
export const notFound = () => new CoinError('not_found', 'No page has this address, or it is not yours to see.')

/** The form that was sent. */
export async function formOf(c: Context): Promise<Form> {
  return (await c.req.parseBody({ all: true })) as Form
}

/** The numbers that a form chose under a name. */
export function chosenIn(form: Form, name = 'id'): number[] {
  const ids = [form[name] ?? []].flat().map(Number)
  if (ids.some(id => !Number.isSafeInteger(id))) throw invalid(name, 'This request cannot be read')
  return ids
}

const back = (form: Form, otherwise: string): string => {
  const path = localPath(typeof form.back === 'string' ? form.back : undefined)
  return path === undefined ? otherwise : currentScope().basePath + path
}

/** Looks again, now: at one configuration, at those in a state, or at all of a backend. */
export const retryView: View = {
  path: '/admin/provisioning/:backend/retry',
  access: 'provisioning.retry',
  async post(c) {
    const backend = installedBackend(c)
    const form = await formOf(c)
    const state = typeof form.state === 'string' ? form.state : undefined
    if (state !== undefined && !(stateNames as readonly string[]).includes(state)) throw invalid('state', 'This request cannot be read')
    const [configuration] = chosenIn(form, 'configuration')
    const count = await c.var.coin.transaction(c.var.actor, tx =>
      retry(tx, { backend, ...(configuration !== undefined && { configuration }), ...(state !== undefined && { states: [state] }) }),
    )
    return redirectTo(
      c,
      back(form, url('provisioning:backend', { backend })),
      t('{{count}} configurations are looked at again.', { count }),
    )
  },
}

/** What is done with chosen rows: looked at again, or put right. */
export const chosenView: View = {
  path: '/admin/provisioning/:backend/chosen',
  access: 'provisioning.retry',
  async post(c) {
    const backend = installedBackend(c)
    const form = await formOf(c)
    const ids = chosenIn(form)
    const here = back(form, url('provisioning:backend', { backend }))
    const all = form.do === 'heal-all'
    if (ids.length === 0 && !all) return redirectTo(c, here, t('Choose at least one.'), 'fail')
    const count = await c.var.coin.transaction(c.var.actor, async tx => {
      if (all) return healDrifted(tx, { backend })
      if (form.do === 'heal') return healDrifted(tx, { backend, configurations: ids })
      let looked = 0
      for (const configuration of ids) looked += await retry(tx, { backend, configuration })
      return looked
    })
    return redirectTo(c, here, t('{{count}} configurations are looked at again.', { count }))
  },
}

/** Asks for a comparison of the whole target. */
export const sweepView: View = {
  path: '/admin/provisioning/:backend/sweep',
  access: 'provisioning.sweep',
  async post(c) {
    const backend = installedBackend(c)
    const form = await formOf(c)
    await c.var.coin.transaction(c.var.actor, tx => askSweep(tx, c.var.coin.registry, { backend, by: c.var.actor.label }))
    return redirectTo(c, back(form, url('provisioning:overview')), t('{{label}} is being compared.', { label: labelOf(backend) }))
  },
}

/** Asks for it once more, by somebody who has seen what it removes. */
export async function confirmSweep(c: Context): Promise<Response> {
  const backend = installedBackend(c)
  await c.var.coin.transaction(c.var.actor, async tx => {
    const [last] = await sweepsOf(tx, backend, 1)
    if (last?.status !== 'asks')
      throw new CoinError('conflict', 'This comparison does not ask anything any more.', { hint: 'Look at what the last one found.' })
    await askSweep(tx, c.var.coin.registry, { backend, heal: last.heal, confirmed: true, by: c.var.actor.label })
  })
  return redirectTo(c, url('provisioning:overview'), t('{{label}} is being compared.', { label: labelOf(backend) }))
}

/** Removes the orphans that a confirmation listed: chosen ones, or all up to the last that was there. */
export async function removeChosen(c: Context, form: Form): Promise<Response> {
  const backend = installedBackend(c)
  const [upTo] = chosenIn(form, 'all')
  const count = await c.var.coin.transaction(c.var.actor, async tx =>
    removeOrphans(tx, await orphanIds(tx, backend, upTo === undefined ? { ids: chosenIn(form) } : { upTo })),
  )
  return redirectTo(c, url('provisioning:orphans', { backend }), t('{{count}} entries are being removed.', { count }))
}

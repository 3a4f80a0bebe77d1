import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { CoinError, isCoinError } from '../errors.ts'
import { sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import type { AdminRequest } from './mount.ts'
import { addView, changeView, mayEdit, openWith, preferenceOf, rememberColumns, removeView } from './saved-view.ts'

/** Saves what a list shows under a name, changes or removes such a view, or has the list open with it; then shows the list again. */
export async function saveView({ c, coin, resource }: AdminRequest): Promise<Response> {
  const { actor } = currentScope()
  const { resource: list, path, query, text } = await sent(c, resource)
  const { views } = await preferenceOf(coin.database.db, list, actor)
  const view = views.find(({ id }) => String(id) === text('saved'))
  const given = { name: text('name'), query: String(query), shared: text('shared') === 'true' }
  const opens = text('opens') === 'true'
  const step = text('do')
  if (step !== 'add' && (!view || (step !== 'open' && !mayEdit(view, actor))))
    throw new CoinError('not_found', 'There is no such view.', { hint: 'Somebody may have removed it.' })
  return answered(c, whole(path, query), () =>
    coin.transaction(actor, async tx => {
      const seen = view && { ...view, version: Number(text('version')) }
      if (step === 'remove' && seen) {
        await removeView(tx, seen)
        return [`${path}?view=`, t('The view is removed.')]
      }
      if (step === 'open' && view) {
        await openWith(tx, actor, list, opens ? view.id : null)
        return [address(path, view.query, view.id), opens ? t('The list opens with this view.') : t('The list opens with everything.')]
      }
      if (step === 'change' && seen) await changeView(tx, actor, seen, given)
      const id = step === 'change' && seen ? seen.id : await addView(tx, actor, list, given)
      const { opensWith } = await preferenceOf(tx, list, actor)
      if (opens || opensWith === id) await openWith(tx, actor, list, opens ? id : null)
      return [address(path, given.query, id), t('The view is saved.')]
    }),
  )
}

/** Remembers the columns that somebody wants to see, or forgets them. */
export async function saveColumns({ c, coin, resource }: AdminRequest): Promise<Response> {
  const { actor } = currentScope()
  const { resource: list, path, query, text, all } = await sent(c, resource)
  query.delete('columns')
  return answered(c, whole(path, query), () =>
    coin.transaction(actor, async tx => {
      const usual = text('do') === 'usual'
      await rememberColumns(tx, actor, list, usual ? null : all('columns'))
      return [whole(path, query), usual ? t('The list shows its usual columns.') : t('These columns are remembered for you.')]
    }),
  )
}

/** The address of a saved view. */
export function address(path: string, query: string, id: number): string {
  const whole = new URLSearchParams(query)
  whole.set('saved', String(id))
  return `${path}?${whole}`
}

/** An address without anything would open the list with what somebody has chosen. */
const whole = (path: string, query: URLSearchParams) => `${path}?${query.size > 0 ? query : 'view='}`

const transient = ['page', 'after', 'before', 'saved']

/** What a form beside a list sends: the list as it is shown, and the fields. */
async function sent(c: Context, { name, plural }: AdminRequest['resource']) {
  const form = await c.req.parseBody({ all: true })
  const all = (field: string) => [form[field] ?? []].flat().filter(value => typeof value === 'string')
  const text = (field: string) => all(field)[0] ?? ''
  const query = new URLSearchParams(text('query').slice(0, 4000))
  for (const parameter of transient) query.delete(parameter)
  return { resource: name, path: sitePath(`/admin/${plural}`), query, text, all }
}

/** On to where the list is shown with what has happened; back to where one was with why it has not. */
async function answered(c: Context, back: string, work: () => Promise<readonly [string, string] | string[]>): Promise<Response> {
  try {
    const [href = back, message] = await work()
    return redirectTo(c, href, message)
  } catch (error) {
    if (!isCoinError(error)) throw error
    const { message, values, hint } = error
    return redirectTo(c, back, [t(message, values), hint ? t(hint, values) : ''].filter(Boolean).join(' '), 'fail')
  }
}

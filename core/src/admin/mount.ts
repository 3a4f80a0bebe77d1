import type { Context, Hono } from 'hono'
import type { AnyResource, Variant } from '../app/resource.ts'
import type { Coin } from '../coin.ts'
import { requireAccess } from '../web/access.ts'
import type { WebEnv } from '../web/env.ts'
import { inApp } from '../web/routes.ts'
import { stated } from '../web/stated.ts'
import { choosePage } from './choose-page.tsx'
import { addPage, editPage, save, saveNew } from './edit.tsx'
import { idIn, notFound, requireVisible, type Verb } from './find.ts'
import { choicesAnswer, historyPage, listPage, remove, removePage, rowPage } from './look.tsx'
import { saveColumns, saveView } from './saved-view-form.ts'
import { bulkPage } from './transfer/bulk-page.tsx'
import { exportPage } from './transfer/export-page.tsx'

/** What a page of the back office works with. */
export interface AdminRequest {
  readonly c: Context
  readonly coin: Coin
  readonly resource: AnyResource
}
type Handler = (request: AdminRequest) => Promise<Response>

/** Mounts the back office of every resource below `/admin/<plural>`. */
export function mountAdmin(web: Hono<WebEnv>, coin: Coin): void {
  for (const { app, resource } of coin.registry.resources.values()) {
    const path = `/admin/${resource.plural}`
    const one = `${path}/:id{[0-9]+}`
    const says = (verb: Verb, handle: (c: Context) => Promise<Response>) =>
      stated({ name: `${resource.name}.${verb}`, app, access: `${resource.name}.${verb}`, narrows: true }, handle)
    // what a page does with a row is asked of that row: to see it is not to be let change it
    const refusal = async (c: Context, verb: Verb) => {
      const refused = requireAccess(c, `${resource.name}.${verb}`, true)
      const id = c.req.param('id')
      if (!refused && id !== undefined && verb !== 'view') await requireVisible(resource, idIn(id) ?? 0, coin.database.db, verb)
      return refused
    }
    const at = (verb: Verb, handle: Handler) =>
      says(verb, c => inApp(c, app, async () => (await refusal(c, verb)) ?? handle({ c, coin, resource })))
    // of the kind that the row is of, or that was chosen, in the words of that kind's app
    const ofKind = (verb: Verb, kindOf: (c: Context) => Promise<Variant | undefined>, handle: Handler, otherwise: Handler) =>
      says(verb, c =>
        inApp(c, app, async () => {
          const refused = await refusal(c, verb)
          if (refused) return refused
          const kind = resource.variants && (await kindOf(c))
          if (kind) return inApp(c, kind.app, () => handle({ c, coin, resource: kind.resource }))
          return (resource.variants ? otherwise : handle)({ c, coin, resource })
        }),
      )
    const variantOf = async (c: Context) => {
      const id = idIn(c.req.param('id') ?? '')
      const name = id === undefined ? undefined : await resource.variantOf?.(id, coin.database.db)
      return resource.variants?.(coin.registry).find(variant => variant.name === name)
    }
    const chosen = async (c: Context) => {
      const name = c.req.query('kind')
      return resource.variants?.(coin.registry).find(variant => variant.name === name)
    }
    const missing: Handler = async () => {
      throw notFound(resource)
    }
    web.get(path, at('view', listPage))
    web.get(`${path}/choices`, at('view', choicesAnswer))
    web.post(`${path}/views`, at('view', saveView))
    web.post(`${path}/columns`, at('view', saveColumns))
    web.get(`${path}/export`, at('view', exportPage))
    web.post(`${path}/bulk`, at('view', bulkPage))
    if (resource.add.length > 0 || resource.variants) {
      web.get(`${path}/new`, ofKind('add', chosen, addPage, choosePage))
      web.post(`${path}/new`, ofKind('add', chosen, saveNew, choosePage))
    }
    web.get(one, ofKind('view', variantOf, rowPage, rowPage))
    web.get(`${one}/history`, ofKind('view', variantOf, historyPage, historyPage))
    if (resource.change.length > 0 || resource.variants) {
      web.get(`${one}/edit`, ofKind('change', variantOf, editPage, missing))
      web.post(`${one}/edit`, ofKind('change', variantOf, save, missing))
    }
    if (resource.removable !== false) {
      web.get(`${one}/remove`, ofKind('remove', variantOf, removePage, removePage))
      web.post(`${one}/remove`, ofKind('remove', variantOf, remove, remove))
    }
  }
}

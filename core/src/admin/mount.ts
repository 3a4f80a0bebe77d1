import type { Context, Hono } from 'hono'
import type { AnyResource } from '../app/resource.ts'
import type { Coin } from '../coin.ts'
import { requireAccess } from '../web/access.ts'
import type { WebEnv } from '../web/env.ts'
import { inApp } from '../web/routes.ts'
import { addPage, editPage, save, saveNew } from './edit.tsx'
import { choicesAnswer, historyPage, listPage, remove, removePage, rowPage } from './look.tsx'
import type { Verb } from './write.ts'

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
    const at = (verb: Verb, handle: Handler) => (c: Context) => inApp(c, app, () => requireAccess(c, `${resource.name}.${verb}`) ?? handle({ c, coin, resource }))
    web.get(path, at('view', listPage))
    web.get(`${path}/choices`, at('view', choicesAnswer))
    if (resource.add.length > 0) {
      web.get(`${path}/new`, at('add', addPage))
      web.post(`${path}/new`, at('add', saveNew))
    }
    web.get(one, at('view', rowPage))
    web.get(`${one}/history`, at('view', historyPage))
    if (resource.change.length > 0) {
      web.get(`${one}/edit`, at('change', editPage))
      web.post(`${one}/edit`, at('change', save))
    }
    if (resource.removable !== false) {
      web.get(`${one}/remove`, at('remove', removePage))
      web.post(`${one}/remove`, at('remove', remove))
    }
  }
}

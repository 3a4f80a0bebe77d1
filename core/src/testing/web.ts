import { sql } from 'drizzle-orm'
import type { Hono } from 'hono'
import { createUser } from '../accounts/rules.ts'
import type { App } from '../app/app.ts'
import type { ConfigInput } from '../app/config.ts'
import type { WebEnv, WebOptions } from '../web/env.ts'
import { createWeb } from '../web/web.ts'
import { type TestCoin, testCoin } from './coin.ts'

/** Of every user that `signIn` and `member` make. */
export const testPassword = 'correct horse battery'

/** A browser without a screen: keeps its cookies, sends forms from our own pages. Redirects are answers, not followed. */
export interface TestClient {
  /** Cookies by name. */
  readonly cookies: Map<string, string>
  request(path: string, init?: RequestInit): Promise<Response>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** The text of a page; throws unless it is answered with 200. */
  page(path: string): Promise<string>
  post(
    path: string,
    form?: Readonly<Record<string, string | readonly string[]>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>
}

export interface TestWeb {
  readonly coin: TestCoin
  readonly web: Hono<WebEnv>
  /** As somebody who has not signed in, without cookies. */
  request(path: string, init?: RequestInit): Promise<Response>
  /** A fresh browser, not signed in. */
  client(): TestClient
  /** A browser with a new user signed in: one who works for the provider, or one who is nobody in particular. */
  signIn(role: 'staff' | 'member', email?: string): Promise<TestClient>
  /** A browser with this member signed in. */
  member(memberId: number): Promise<TestClient>
  close(): Promise<void>
}

export interface TestWebOptions extends WebOptions {
  readonly apps?: readonly App[]
  readonly basePath?: string
  readonly provider?: ConfigInput['provider']
  /** Other settings of the deployment. */
  readonly settings?: Omit<ConfigInput, 'apps' | 'basePath' | 'provider'>
}

/** A whole site with the given apps, on a database of its own. Counts its statements in `Server-Timing`. Call `close()` when done. */
export async function testWeb(options: TestWebOptions = {}): Promise<TestWeb> {
  const { apps = [], basePath = '', provider, settings, ...web } = options
  const coin = await testCoin({ ...settings, apps: [...apps], basePath, ...(provider && { provider }) })
  const site = createWeb(coin, { publicUrl: undefined, trustProxy: false, debug: true, ...web })
  const origin = web.publicUrl ? new URL(web.publicUrl).origin : 'http://coin.test'
  const client = () => newClient(site, origin, basePath)
  const enter = async (email: string) => {
    const browser = client()
    const answer = await browser.post('/sign-in', { email, password: testPassword })
    if (answer.status !== 303) throw new Error(`${email} cannot sign in: ${answer.status} ${await answer.text()}`)
    return browser
  }
  return {
    coin,
    web: site,
    client,
    request: (path, init) => client().request(path, init),
    async signIn(role, email = `${role}${nextUser()}@example.org`) {
      await coin.write(tx =>
        createUser({ email, name: role === 'staff' ? 'Staff Person' : 'Some Person', role, password: testPassword }, tx),
      )
      return enter(email)
    },
    async member(memberId) {
      const email = `user${nextUser()}@example.org`
      await coin.write(async tx => {
        const { id } = await createUser({ email, name: `Member ${memberId}`, role: 'member', password: testPassword }, tx)
        await tx.execute(sql`UPDATE member SET user_id = ${id} WHERE id = ${memberId}`)
      })
      return enter(email)
    },
    close: () => coin.close(),
  }
}

/** How many statements a page took: lists assert that it does not grow with their rows. */
export function statementsOf(answer: Response): number {
  const count = /desc="(\d+)"/.exec(answer.headers.get('Server-Timing') ?? '')?.[1]
  if (count === undefined) throw new Error('The answer does not say how many statements it took')
  return Number(count)
}

let users = 0
const nextUser = () => ++users
let clients = 0

function newClient(web: Hono<WebEnv>, origin: string, basePath: string): TestClient {
  const cookies = new Map<string, string>()
  // each from an address of its own, so that one test does not use up the attempts of another
  const remoteAddress = `2001:db8:${(++clients).toString(16)}::1`
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (cookies.size > 0 && !headers.has('Cookie'))
      headers.set('Cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    if (!headers.has('Host')) headers.set('Host', new URL(origin).host)
    const answer = await web.request(`${origin}${basePath}${path}`, { ...init, headers }, { incoming: { socket: { remoteAddress } } })
    for (const cookie of answer.headers.getSetCookie()) keep(cookies, cookie)
    return answer
  }
  return {
    cookies,
    request,
    get: (path, headers = {}) => request(path, { headers }),
    async page(path) {
      const answer = await request(path)
      const text = await answer.text()
      if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.headers.get('Location') ?? text}`)
      return text
    },
    post: (path, form = {}, headers = {}) => request(path, { method: 'POST', body: encode(form), headers: { Origin: origin, ...headers } }),
  }
}

function encode(form: Readonly<Record<string, string | readonly string[]>>): URLSearchParams {
  return new URLSearchParams(Object.entries(form).flatMap(([name, value]) => [value].flat().map(one => [name, String(one)])))
}

function keep(cookies: Map<string, string>, line: string) {
  const [pair = '', ...attributes] = line.split(';')
  const at = pair.indexOf('=')
  const ended = attributes.some(attribute => /^\s*max-age=0$/i.test(attribute))
  if (ended) cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), pair.slice(at + 1))
}

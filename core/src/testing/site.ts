import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { createUser } from '../accounts/rules.ts'
import { createWeb } from '../web/web.ts'
import type { TestCoin } from './coin.ts'

/** Somebody with a browser. */
export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, form?: Record<string, string>): Promise<Response>
  /** The page's text; fails unless it is answered with 200. */
  page(path: string): Promise<string>
}

const host = 'http://coin.test'

/** The whole site of a Coin, visited by whoever. */
export function siteOf(coin: TestCoin) {
  const web = createWeb(coin, { publicUrl: host })
  const { basePath } = coin.registry.config
  const visitor = (cookie: string, language: string): Visitor => {
    const ask = async (path: string, init: RequestInit) => {
      const headers = { accept: 'text/html', 'accept-language': language, origin: host, cookie, ...init.headers }
      return web.request(`${host}${path}`, { ...init, headers })
    }
    return {
      get: (path, headers = {}) => ask(path, { headers }),
      post: (path, form = {}) => ask(path, { method: 'POST', body: new URLSearchParams(form) }),
      async page(path) {
        const response = await ask(path, {})
        const text = await response.text()
        if (response.status !== 200)
          throw new Error(
            `${path} answered ${response.status}: ${text
              .replace(/<[^>]*>/g, ' ')
              .replace(/\s+/g, ' ')
              .slice(0, 500)}`,
          )
        return text
      },
    }
  }
  const signIn = async (role: 'member' | 'staff', language: string, memberId?: number): Promise<Visitor> => {
    const email = `${randomUUID()}@example.org`
    const password = randomUUID()
    await coin.write(async tx => {
      const { id } = await createUser({ email, name: role, password, role, language }, tx)
      if (memberId !== undefined) await tx.execute(sql`UPDATE member SET user_id = ${id} WHERE id = ${memberId}`)
    })
    const answer = await visitor('', language).post(`${basePath}/sign-in`, { email, password })
    const cookie = answer.headers
      .getSetCookie()
      .map(each => each.split(';')[0])
      .join('; ')
    if (!cookie.includes('session_token')) throw new Error(`Sign-in answered ${answer.status}: ${await answer.text()}`)
    return visitor(cookie, language)
  }
  return {
    nobody: (language = 'en') => visitor('', language),
    staff: (language = 'en') => signIn('staff', language),
    member: (memberId: number, language = 'en') => signIn('member', language, memberId),
  }
}

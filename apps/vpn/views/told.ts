import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'coin'
import { readText } from '../secret-text.ts'
import { recordSession, report } from '../sessions.ts'
import type { Settings } from '../settings.ts'

/**
 * What the VPN server tells of connections: `event`, `login`, `session`, and maybe `remote`, `received`, `sent`, `at`, as a form. Answers 204; 401
 * to a wrong token and where none is set, 404 for a login nobody has, 422 for what cannot be understood.
 */
export const toldOf = (settings: Settings) => async (c: Context) => {
  if (!(await isServer(c, settings))) return c.body(null, 401, { 'WWW-Authenticate': 'Bearer' })
  const form = Object.entries(await c.req.parseBody()).filter(([, value]) => value !== '')
  const told = report.safeParse(Object.fromEntries(form))
  if (!told.success) return c.text(`${told.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n')}\n`, 422)
  const { coin, actor } = c.var
  const known = await coin.transaction({ ...actor, label: serverLabel }, tx => recordSession(told.data, tx))
  return known ? c.body(null, 204) : c.text('unknown login\n', 404)
}

async function isServer(c: Context, { sessionToken: text, sessionTokenFile: file, sessionTokenEnv: env }: Settings): Promise<boolean> {
  const expected = await readText({ text, file, env })
  const [, given = ''] = /^Bearer\s+(\S+)\s*$/i.exec(c.req.header('authorization') ?? '') ?? []
  // hashes have one length, so that the comparison tells nothing of it
  const same = timingSafeEqual(digest(given), digest(expected ?? ''))
  return expected !== undefined && expected !== '' && same
}

/** How the history would name it. */
const serverLabel = 'VPN server'

const digest = (text: string) => createHash('sha256').update(text).digest()

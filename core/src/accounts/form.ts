import type { Context } from 'hono'

/** The texts of a form by name; `''` for what is missing, and for a file where a text belongs. */
export async function textsOf<const N extends string>(c: Context, ...names: readonly N[]): Promise<Record<N, string>> {
  const type = c.req.header('content-type') ?? ''
  const body: Record<string, unknown> = /form/i.test(type) ? await c.req.parseBody() : {}
  const texts = names.map(name => [name, typeof body[name] === 'string' ? body[name] : ''] as const)
  return Object.fromEntries(texts) as Record<N, string>
}

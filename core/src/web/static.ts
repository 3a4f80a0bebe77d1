import type { Handler } from 'hono'
import { CoinError } from '../errors.ts'
import { createCompressor, type Encoding } from './compress.ts'
import { type AssetSource, collectFiles, type StaticFile } from './static-files.ts'

/** The files of all apps, under names that hold a hash of their content. */
export interface Assets {
  /** The address of a file without the base path: `/static/coin/app.1a2b3c4d.css`. Throws for a file nobody has. */
  path(app: string, path: string): string
  has(app: string, path: string): boolean
  /** Serves them; mount it on `GET /static/*`. */
  readonly handler: Handler
}

/**
 * Reads every file of the folders once. `files` adds single files from elsewhere, as `{ 'coin/htmx.min.js': '/…/htmx.min.js' }`,
 * `made` what is no file.
 */
export function createAssets(
  sources: readonly AssetSource[],
  files: Readonly<Record<string, string>> = {},
  made: Readonly<Record<string, string>> = {},
): Assets {
  const byName = collectFiles(sources, files, made)
  const byUrl = new Map([...byName.values()].map(file => [file.url, file]))
  const compress = createCompressor()
  return {
    has: (app, path) => byName.has(`${app}/${path}`),
    path(app, path) {
      const file = byName.get(`${app}/${path}`)
      if (file) return file.url
      throw new CoinError('boot', 'The app {{app}} has no static file {{path}}.', {
        app,
        values: { app, path },
        hint: `Put it in the static/ folder of ${app}, or correct the name.`,
      })
    },
    async handler(c) {
      const at = c.req.path.indexOf('/static/')
      const file = byUrl.get(c.req.path.slice(Math.max(0, at)))
      if (!file) return c.text('Not found', 404)
      const headers = headersOf(file)
      if (c.req.header('if-none-match') === headers.ETag) return c.body(null, 304, headers)
      const encoding = chooseEncoding(c.req.header('accept-encoding'), file)
      if (!encoding) return c.body(Uint8Array.from(file.content), 200, headers)
      const small = await compress(file, encoding)
      return c.body(Uint8Array.from(small), 200, { ...headers, 'Content-Encoding': encoding })
    },
  }
}

const headersOf = (file: StaticFile) => ({
  'Content-Type': file.type,
  'Cache-Control': 'public, max-age=31536000, immutable',
  ETag: `"${file.hash}"`,
  'X-Content-Type-Options': 'nosniff',
  ...(file.compressible ? { Vary: 'Accept-Encoding' } : {}),
})

function chooseEncoding(accepted: string | undefined, file: StaticFile): Encoding | undefined {
  if (!file.compressible || !accepted) return undefined
  const wanted = accepted.split(',').flatMap(part => {
    const [name = '', ...options] = part.trim().split(';')
    return options.some(option => /^\s*q=0(\.0*)?\s*$/.test(option)) ? [] : [name.trim()]
  })
  return wanted.includes('br') ? 'br' : wanted.includes('gzip') ? 'gzip' : undefined
}

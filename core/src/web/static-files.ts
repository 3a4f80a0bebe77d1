import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, posix, relative, sep } from 'node:path'

/** An app's `static/` folder. */
export interface AssetSource {
  readonly app: string
  readonly folder: string
}

/** A file ready to be served. */
export interface StaticFile {
  /** `/static/<app>/<path>.<hash>.<ext>` */
  readonly url: string
  readonly hash: string
  readonly type: string
  readonly compressible: boolean
  readonly content: Buffer
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.pdf': 'application/pdf',
}

/** Reads all files, by `<app>/<path>`. A later source of the same name wins, so that a deployment may replace a logo. `made` are texts that are no files. */
export function collectFiles(
  sources: readonly AssetSource[],
  files: Readonly<Record<string, string>>,
  made: Readonly<Record<string, string>> = {},
): Map<string, StaticFile> {
  const places = new Map(Object.entries(files))
  for (const { app, folder } of sources) for (const path of filesIn(folder)) places.set(`${app}/${path}`, join(folder, ...path.split('/')))
  const ready = new Map<string, StaticFile>()
  const prepare = (name: string, waiting: readonly string[]): StaticFile | undefined => {
    const known = ready.get(name)
    const place = places.get(name)
    if (known || !place || waiting.includes(name)) return known
    const content = withHashedLinks(name, readFileSync(place), other => prepare(other, [...waiting, name]))
    const file = staticFile(name, content)
    ready.set(name, file)
    return file
  }
  for (const name of places.keys()) prepare(name, [])
  for (const [name, text] of Object.entries(made)) ready.set(name, staticFile(name, Buffer.from(text)))
  return ready
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

function staticFile(name: string, content: Buffer): StaticFile {
  const extension = extname(name)
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8)
  const type = types[extension.toLowerCase()] ?? 'application/octet-stream'
  const compressible = content.length > 1024 && /^text\/|json|svg|javascript/.test(type)
  return { url: `/static/${name.slice(0, name.length - extension.length)}.${hash}${extension}`, hash, type, compressible, content }
}

/** In a style sheet, `url(font.woff2)` and `@import "other.css"` get the hashed names too, still relative: the base path does not matter. */
function withHashedLinks(name: string, content: Buffer, find: (name: string) => StaticFile | undefined): Buffer {
  if (/\.m?js$/.test(name)) return withoutSourceMap(content)
  if (!name.endsWith('.css')) return content
  const rename = (link: string) => {
    const [path = '', suffix = ''] = link.split(/(?=[?#])/, 2)
    if (path === '' || /^([a-z]+:|\/)/i.test(path)) return link
    const target = find(posix.join(posix.dirname(name), path))
    return target ? posix.relative(posix.dirname(`/static/${name}`), target.url) + suffix : link
  }
  const text = withoutSourceMap(content)
    .toString('utf8')
    .replace(/url\(\s*(["']?)([^"')]+)\1\s*\)/g, (_, quote: string, link: string) => `url(${quote}${rename(link)}${quote})`)
    .replace(/(@import\s+)(["'])([^"']+)\2/g, (_, start: string, quote: string, link: string) => `${start}${quote}${rename(link)}${quote}`)
  return Buffer.from(text)
}

/** Source maps are not served; the browser should not look for them. */
const withoutSourceMap = (content: Buffer) =>
  content.includes('sourceMappingURL=')
    ? Buffer.from(content.toString('utf8').replace(/\n?(\/\/|\/\*)# sourceMappingURL=[^\n*]*(\*\/)?/g, ''))
    : content

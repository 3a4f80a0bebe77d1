import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { afterAll, describe, expect, test } from 'vitest'
import { createAssets } from './static.ts'

const root = mkdtempSync(join(tmpdir(), 'coin-static-'))
afterAll(() => rmSync(root, { recursive: true }))
mkdirSync(join(root, 'vpn/css'), { recursive: true })
mkdirSync(join(root, 'vpn/img'))
writeFileSync(join(root, 'secret.txt'), 'secret')
writeFileSync(join(root, 'vpn/img/pic.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
const style = `@import "base.css";\n.a { background: url("../img/pic.svg#x") }\n.b { background: url(data:image/png;base64,AA) url(/other.png) url(#hatch) }\n${'.filler { color: red }\n'.repeat(100)}/*# sourceMappingURL=local.css.map */`
writeFileSync(join(root, 'vpn/css/local.css'), style)
writeFileSync(join(root, 'vpn/css/base.css'), 'body { margin: 0 }')
writeFileSync(join(root, 'extra.js'), 'export {}')

const assets = createAssets([{ app: 'vpn', folder: join(root, 'vpn') }], { 'vpn/extra.js': join(root, 'extra.js') })
const app = new Hono().get('/static/*', assets.handler)
const css = assets.path('vpn', 'css/local.css')

describe('names', () => {
  test('hold a hash of the content', () => {
    expect(css).toMatch(/^\/static\/vpn\/css\/local\.[0-9a-f]{8}\.css$/)
    expect(assets.path('vpn', 'extra.js')).toMatch(/^\/static\/vpn\/extra\.[0-9a-f]{8}\.js$/)
  })
  test('of files that nobody has are refused, naming both', () => {
    expect(() => assets.path('vpn', 'nope.css')).toThrow(expect.objectContaining({ values: { app: 'vpn', path: 'nope.css' } }))
  })
})

describe('a file', () => {
  test('may be kept for ever', async () => {
    const response = await app.request(css)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    const again = await app.request(css, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })
  test('links to the hashed names of others, relatively', async () => {
    const text = await (await app.request(css)).text()
    const base = assets.path('vpn', 'css/base.css').split('/').at(-1)
    const picture = assets.path('vpn', 'img/pic.svg').split('/').at(-1)
    expect(text).toContain(`@import "${base}"`)
    expect(text).toContain(`url("../img/${picture}#x")`)
    expect(text).toContain('url(data:image/png;base64,AA) url(/other.png) url(#hatch)')
    expect(text).not.toContain('sourceMappingURL')
  })
  test('is compressed as the browser likes', async () => {
    const plain = await (await app.request(css)).text()
    const packed = async (accept: string) => {
      const response = await app.request(css, { headers: { 'accept-encoding': accept } })
      return [response.headers.get('content-encoding'), response.headers.get('vary'), Buffer.from(await response.arrayBuffer())] as const
    }
    const [brotli, vary, small] = await packed('gzip, deflate, br')
    expect([brotli, vary, brotliDecompressSync(small).toString()]).toEqual(['br', 'Accept-Encoding', plain])
    const [gzip, , zipped] = await packed('gzip, br;q=0')
    expect([gzip, gunzipSync(zipped).toString()]).toEqual(['gzip', plain])
    expect((await packed('identity'))[0]).toBeNull()
  })
})

test.each([
  '/static/vpn/css/local.css',
  '/static/vpn/css/local.00000000.css',
  '/static/vpn/../secret.txt',
  '/static/vpn/%2e%2e/secret.txt',
  '/static/vpn/..%2fsecret.txt',
  '/static/',
])('%s is not there', async path => {
  const response = await app.request(path)
  expect([response.status, await response.text()]).not.toContain('secret')
  expect(response.status).toBe(404)
})

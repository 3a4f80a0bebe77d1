import { describe, expect, test } from 'vitest'
import type { Scope } from '../app/scope.ts'
import { isCoinError } from '../errors.ts'
import { Page } from './page.tsx'
import { emptyRegistry, render } from './scope-for-tests.ts'

const staff = { kind: 'user', label: 'Solène', memberId: 1, roles: ['staff'], permissions: new Set(['*']) } as const

describe('a page', () => {
  test('is a document that keeps to the Content-Security-Policy', async () => {
    const html = await render(() => <Page title="Members">Hello</Page>, { actor: staff, path: '/admin/members', basePath: '/coin' })
    expect(html).toMatch(/^<!doctype html><html lang="en">/)
    expect(html).toContain('<title>Members · Collines</title>')
    expect(html).toContain('<a class="skip" href="#main">')
    expect(html).toMatch(/<h1[^>]*>Members<\/h1>/)
    expect(html).toMatch(/href="\/coin\/static\/coin\/app\.[0-9a-f]{8}\.css"/)
    expect(html).not.toMatch(/<[^>]+\sstyle=|<[^>]+\son\w+=|<style|<script(?![^>]*src=)/)
  })
  test('of staff has the side menu, of a member the top bar, of nobody no menu', async () => {
    const page = () => <Page title="x" />
    expect(await render(page, { actor: staff, path: '/admin/x' })).toContain('<header class="side">')
    const member = await render(page, { actor: { ...staff, roles: [] }, path: '/admin/x' })
    expect(member).toContain('<header class="topbar">')
    expect(member).toMatch(/<form method="post" action="\/sign-out">/)
    expect(await render(page, { path: '/admin/x' })).not.toContain('sign-out')
  })
  test.each([
    [5, 5, false],
    [6, 4, true],
    [9, 4, true],
  ])(
    'shows %i lines of a member side by side while they fit a phone, else %i and the others behind one more',
    async (lines, shown, more) => {
      const items = Array.from({ length: lines }, (_, n) => ({
        label: `Line ${n}`,
        href: `/line-${n}`,
        count: async () => (n > 3 ? 2 : 0),
      }))
      const registry = { ...emptyRegistry(), menuFor: () => [{ section: '', items }] }
      const last = lines - 1
      const html = await render(() => <Page title="x" />, { actor: { ...staff, roles: [] }, registry, path: `/line-${last}` })
      const [bar = '', rest = ''] = html.split('<details class="drop">')
      expect(bar.match(/href="\/line-/g)).toHaveLength(shown)
      expect(html.match(/href="\/line-/g)).toHaveLength(lines)
      expect(html.match(/aria-current="page"/g)).toHaveLength(1)
      // what is hidden there is seen from outside: that one is there, and what needs a person
      expect(rest.includes('<summary aria-current="true">')).toBe(more)
      if (more) expect(/<summary.*?<\/summary>/s.exec(rest)?.[0]).toContain(`<span class="count">${2 * (lines - 4)}<`)
    },
  )
  test('counts what needs a person once for several pages, and anew right after a deed', async () => {
    let asked = 0
    const items = [{ label: 'Line', href: '/admin/line', count: async () => ++asked }]
    const scope = { actor: staff, registry: { ...emptyRegistry(), menuFor: () => [{ section: '', items }] }, path: '/admin/x' }
    const shown = async (more: Partial<Scope> = {}) =>
      /class="count">(\d+)/.exec(await render(() => <Page title="x" />, { ...scope, ...more }))?.[1]
    expect([await shown(), await shown()]).toEqual(['1', '1'])
    expect(await shown({ flash: { kind: 'ok', message: 'Done' } })).toBe('2')
    expect([await shown(), await shown({ exact: true })]).toEqual(['2', '3'])
    expect(await shown({ actor: { ...staff, permissions: new Set(['x.view']) } })).toBe('4')
  })
  test('is only its content when htmx asks', async () => {
    const html = await render(() => <Page title="Members">Hello</Page>, { fragment: true })
    expect(html).toMatch(/^<title>Members · Collines<\/title><div class="page-head">/)
    expect(html).not.toContain('<html')
  })
  test('offers the other languages, and comes back', async () => {
    const html = await render(() => <Page title="x" />, { locale: 'fr', path: '/vpn/3', basePath: '/coin' })
    expect(html).toContain('<html lang="fr">')
    expect(html).toContain('href="/coin/language/en?next=%2Fvpn%2F3" hreflang="en" lang="en"')
  })
  test('shows the flash and says what to mend', async () => {
    const flash = { kind: 'ok', message: 'Saved <b>' } as const
    const html = await render(
      () => <Page title="Edit" errors={[{ field: 'start', message: '{{month}} is bad', values: { month: 'May' } }]} />,
      { flash },
    )
    expect(html).toContain('Saved &lt;b&gt;')
    expect(html).toContain('<title>Error: Edit · Collines</title>')
    expect(html).toContain('1 thing to mend before this can be saved.')
    expect(html).toContain('<a href="#start">May is bad</a>')
  })
})

describe('hostile text', () => {
  const evil = '"><script>alert(1)</script>'
  test('is escaped wherever it stands', async () => {
    const html = await render(
      () => (
        <Page title={evil} crumbs={[{ label: evil, href: evil }]} head={evil}>
          {evil}
        </Page>
      ),
      { registry: emptyRegistry() },
    )
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('href=""')
  })
})

describe('scripts', () => {
  test('are files', async () => {
    const html = await render(() => <Page title="x" extraJs={<script src="/static/vpn/a.12345678.js" defer />} />)
    expect(html).toContain('<script src="/static/vpn/a.12345678.js" defer=""></script>')
  })
  test.each([
    ['in extraJs', () => <Page title="x" extraJs={<script>{'go()'}</script>} />],
    ['deep in it', () => <Page title="x" extraJs={<Wrapped />} />],
    [
      'in the content',
      () => (
        <Page title="x">
          <p>
            <script>{'go()'}</script>
          </p>
        </Page>
      ),
    ],
    [
      'after waiting',
      () => (
        <Page title="x">
          <Late />
        </Page>
      ),
    ],
  ])('written %s are refused with the remedy', async (_, page) => {
    const error = await render(page, { app: 'vpn' }).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(isCoinError(error) && [error.app, error.hint]).toEqual(['vpn', expect.stringContaining('extraJs={<script src=')])
  })
})

const Wrapped = () => (
  <>
    <script src="/a.js" />
    <script>{'go()'}</script>
  </>
)
const Late = async () => <script>{await Promise.resolve('go()')}</script>

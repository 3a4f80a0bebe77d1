import { expect, test } from 'vitest'
import { render } from './scope-for-tests.ts'
import { Space } from './space-picture.tsx'

const full = Array.from({ length: 1024 }, (_, index) => ({
  prefix: `198.18.${40 + (index >> 8)}.${index & 255}/32`,
  state: 'taken' as const,
  label: 'Coopérative du Vieux Moulin',
  href: `/admin/subscriptions/${index}`,
}))

test('a picture is for the eye: hidden, out of the tab order, summed up in words', async () => {
  const blocks = [
    { prefix: '198.18.40.64/26', state: 'taken' as const, label: '"><script>', href: '#a' },
    { prefix: '198.18.40.0/28', state: 'reserved' as const },
  ]
  const html = await render(() => <Space pool="198.18.40.0/24" blocks={blocks} here="198.18.40.64/26" />)
  expect(html).toContain('198.18.40.0/24: 64 addresses taken, 176 free, 0 resting, 16 reserved.')
  expect(html).toContain(
    '<a href="#a" tabindex="-1"><title>198.18.40.64/26, &quot;&gt;&lt;script&gt;</title><rect class="c-taken" x="0" y="20" width="320" height="20"',
  )
  expect(html).toContain('viewBox="0 0 320 80" aria-hidden="true"')
  expect(html).toContain('<rect class="here" x="0.5" y="20.5" width="319" height="19"')
})

test('a full pool of 1,024 single addresses stays small', async () => {
  const html = await render(() => <Space pool="198.18.40.0/22" blocks={full} />)
  expect(Buffer.byteLength(html)).toBeLessThan(60_000)
  expect(html).toContain('256 addresses taken, 0 free')
})

test('a large pool is shaded by fill, and its opened part drawn beside it', async () => {
  const blocks = [{ prefix: '2001:db8:4012:a00::/56', state: 'taken' as const, href: '#b' }]
  const html = await render(() => (
    <Space pool="2001:db8:4000::/40" open="2001:db8:4012::/48" blocks={blocks} openHref={prefix => `?open=${prefix}`} />
  ))
  expect(html).toContain(
    '<a href="?open=2001:db8:4012::/48" tabindex="-1"><title>2001:db8:4012::/48</title><rect class="c-1" x="180" y="0"',
  )
  expect(html).toContain('a cell is a /56')
  expect(html).toContain('256 blocks /48, 1 of them in use.')
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import simpleDsl from '../../../apps/simple_dsl/index.ts'
import { followLinks } from '../../../test/fixtures/links.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { siteOf } from '../testing/site.ts'
import { loadDemo } from './demo.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [simpleDsl()], basePath: '/coin' })
})
afterAll(() => coin.close())

const tables = [
  'member',
  'offer',
  'offer_price',
  'subscription',
  'subscription_offer',
  'subscription_suspension',
  'subscription_discount',
  'subscription_free_price',
  'configuration',
  'ip_pool',
  'ip_pool_prefix',
  'ip_reserved',
  'ip_subnet',
  'billing_run',
  'invoice',
  'payment',
  'membership_fee',
  'mail',
  'role',
  'member_group',
  'request',
  'saved_view',
  'sepa_mandate',
]
const counts = async () => {
  const { rows } = await coin.pool.query(`SELECT ${tables.map(table => `(SELECT count(*)::int FROM ${table}) AS ${table}`).join(', ')}`)
  return rows[0] as Record<string, number>
}

test('a small provider is loaded through the real rules, and only once', async () => {
  const steps: string[] = []
  const first = await loadDemo(coin, step => steps.push(step))
  expect(first).toMatchObject({ loaded: true, member: { email: 'amina.berthier@example.org' } })
  expect(first.member?.password.length).toBeGreaterThanOrEqual(10)
  expect(steps).toEqual(['pools and offers', '40 members', '50 subscriptions', 'money', 'staff and requests'])
  const loaded = await counts()
  expect(loaded).toMatchObject({ member: 40, offer: 6, offer_price: 14, subscription: 50, ip_pool: 4 })
  expect(loaded).toMatchObject({ role: 5, member_group: 3, request: 8, saved_view: 2, sepa_mandate: 2 })
  expect(await loadDemo(coin)).toEqual({ loaded: false })
  expect(await counts()).toEqual(loaded)
})

test('it has something of every kind', async () => {
  const { rows } = await coin.pool.query(`SELECT
    (SELECT count(DISTINCT family)::int FROM ip_pool) AS families,
    EXISTS (SELECT FROM member WHERE status = 'pending') AS pending, EXISTS (SELECT FROM member WHERE status = 'not_member' AND resigned_on < current_date) AS gone,
    EXISTS (SELECT FROM member WHERE kind = 'legal') AS legal,
    EXISTS (SELECT FROM subscription WHERE started_on > current_date) AS future, EXISTS (SELECT FROM subscription WHERE resigned_on < current_date) AS ended,
    EXISTS (SELECT FROM subscription_suspension WHERE during @> current_date) AS suspended,
    EXISTS (SELECT FROM subscription_discount WHERE amount IS NOT NULL) AND EXISTS (SELECT FROM subscription_discount WHERE percent IS NOT NULL) AS discounts,
    EXISTS (SELECT FROM subscription_free_price) AS free_price,
    EXISTS (SELECT FROM subscription_offer WHERE lower(during) > current_date) AND EXISTS (SELECT FROM subscription_offer WHERE NOT upper_inf(during)) AS changed,
    EXISTS (SELECT FROM ip_block WHERE state = 'resting') AND EXISTS (SELECT FROM ip_block WHERE state = 'reserved') AS resting,
    EXISTS (SELECT FROM subscription s WHERE configuration_type <> '' AND NOT EXISTS (SELECT FROM configuration c WHERE c.subscription_id = s.id)) AS bare,
    EXISTS (SELECT FROM offer_price WHERE effective_from > current_date) AS price_change,
    (SELECT bool_and(prefix << ANY (ARRAY['198.18.0.0/15', '203.0.113.0/24', '198.51.100.0/24', '2001:db8::/32']::cidr[])) FROM ip_pool_prefix) AS documentation_only,
    (SELECT bool_and(email LIKE '%@example.org') FROM member) AS no_real_mail`)
  expect(rows[0]).toEqual({
    families: 2,
    pending: true,
    gone: true,
    legal: true,
    future: true,
    ended: true,
    suspended: true,
    discounts: true,
    free_price: true,
    changed: true,
    resting: true,
    bare: true,
    price_change: true,
    documentation_only: true,
    no_real_mail: true,
  })
})

test('staff with roles, one of them limited, and requests of every kind that wait for an answer', async () => {
  const { rows } = await coin.pool.query(`SELECT
    (SELECT array_agg(r.name || CASE WHEN r.offers = '{}' THEN '' ELSE ' (limited)' END ORDER BY r.name) FROM user_role g JOIN role r ON r.id = g.role_id) AS given,
    (SELECT array_agg(DISTINCT kind ORDER BY kind) FROM request WHERE state = 'open') AS open,
    EXISTS (SELECT FROM request WHERE state = 'waiting') AND EXISTS (SELECT FROM request WHERE state = 'accepted') AS others,
    EXISTS (SELECT FROM request_message WHERE author = 'note') AS note,
    (SELECT count(*) FROM request WHERE kind IN ('end', 'change_offer') AND subscription_id IS NULL)::int AS about_nothing,
    (SELECT bool_and(at <= now()) FROM request_message) AS past,
    (SELECT count(*)::int FROM auth.account) AS may_sign_in`)
  expect(rows[0]).toEqual({
    given: ['Organisations (limited)', 'Technician', 'Treasurer'],
    open: ['change_offer', 'end', 'other', 'sign_up', 'subscription'],
    others: true,
    note: true,
    about_nothing: 0,
    past: true,
    may_sign_in: 2,
  })
})

test('money of every kind, as if it had come month by month, and no mail about it', async () => {
  const { rows } = await coin.pool.query(`SELECT
    (SELECT count(DISTINCT issued_on)::int FROM invoice WHERE run_id IS NOT NULL) >= 2 AS months,
    (SELECT count(*)::int FROM invoice) BETWEEN 40 AND 90 AS few,
    (SELECT bool_and(state = 'issued' AND issued_on < current_date AND mailed_at IS NOT NULL) FROM invoice) AND NOT EXISTS (SELECT FROM mail) AS past,
    (SELECT coalesce(array_agg(state ORDER BY id), '{}') FROM billing_run) AS runs,
    EXISTS (SELECT FROM billing_run_member WHERE state = 'failed') AS failed,
    EXISTS (SELECT FROM invoice WHERE kind = 'credit_note' AND total < 0) AS credit_note,
    (SELECT count(*)::int FROM donation) AS donations,
    EXISTS (SELECT FROM membership_fee WHERE upper(during) <= current_date) AND EXISTS (SELECT FROM membership_fee WHERE during @> current_date) AS fees,
    EXISTS (SELECT FROM invoice WHERE disputed_on IS NOT NULL) AS disputed,
    EXISTS (SELECT FROM invoice WHERE settled_on IS NULL AND due_on < current_date AND disputed_on IS NULL AND kind = 'invoice') AS overdue,
    EXISTS (SELECT FROM invoice WHERE allocated > 0 AND allocated < total) AS partly,
    (SELECT count(*) FROM invoice WHERE settled_on IS NOT NULL) * 2 > (SELECT count(*) FROM invoice) AS mostly_paid,
    (SELECT max(received_on) <= current_date FROM payment) AS received,
    EXISTS (SELECT FROM invoice_line WHERE vat_rate = 20) AND EXISTS (SELECT FROM invoice_line WHERE vat_rate = 0) AS vat,
    EXISTS (SELECT FROM offer WHERE minimum_fee > 0) AND EXISTS (SELECT FROM offer WHERE period_months = 12) AS offers,
    nullif(current_setting('coin.today', true), '') IS NULL AS today`)
  expect(rows[0]).toEqual({
    months: true,
    few: true,
    past: true,
    runs: ['done', 'done', 'done', 'preview'],
    failed: false,
    credit_note: true,
    donations: 1,
    fees: true,
    disputed: true,
    overdue: true,
    partly: true,
    mostly_paid: true,
    received: true,
    vat: true,
    offers: true,
    today: true,
  })
})

test('it is the same each time, but for its days and its password', async () => {
  const other = await testCoin({ apps: [simpleDsl()] })
  try {
    await loadDemo(other)
    const query = `SELECT n.prefix, m.username FROM ip_subnet n JOIN configuration c ON c.id = n.configuration_id JOIN subscription s ON s.id = c.subscription_id JOIN member m ON m.id = s.member_id ORDER BY n.prefix`
    expect((await other.pool.query(query)).rows).toEqual((await coin.pool.query(query)).rows)
  } finally {
    await other.close()
  }
})

test('without the app of the lines there are no lines, and all the rest', async () => {
  const bare = await testCoin({ apps: [] })
  try {
    expect(await loadDemo(bare)).toMatchObject({ loaded: true })
    const { rows } = await bare.pool.query(
      'SELECT (SELECT count(*)::int FROM subscription) AS subscriptions, (SELECT count(*)::int FROM configuration) AS configurations',
    )
    expect(rows[0]).toEqual({ subscriptions: 50, configurations: 0 })
  } finally {
    await bare.close()
  }
})

test('served under a path, no page of staff or of a member leads out of it, nor to a page that is not there', async () => {
  const site = siteOf(coin)
  const { rows } = await coin.pool.query<{ id: number }>(
    'SELECT member_id AS id FROM invoice JOIN subscription USING (member_id) ORDER BY member_id LIMIT 1',
  )
  const staff = await followLinks(await site.staff(), '/coin', '/admin')
  const member = await followLinks(await site.member(rows[0]?.id ?? 0, 'fr'), '/coin', '/')
  const guest = await followLinks(site.nobody(), '/coin', '/sign-in')
  expect([...staff.wrong, ...member.wrong, ...guest.wrong]).toEqual([])
  expect(staff.seen).toEqual(expect.arrayContaining(['/coin/admin/members/:id', '/coin/admin/invoices/:id', '/coin/admin/pools/:id/edit']))
  expect(member.seen).toEqual(expect.arrayContaining(['/coin/me', '/coin/money', '/coin/subscriptions/:id']))
})

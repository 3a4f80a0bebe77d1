import { afterAll, beforeAll, expect, test } from 'vitest'
import vpn from '../../../apps/vpn/index.tsx'
import { addMember, type TestClient, type TestCoin, type TestWeb, testWeb } from '../testing/index.ts'
import { declaredTables, plant, whereIs } from './planted.fixture.ts'
import { eraseWhatRanOut } from './run-out.ts'

let web: TestWeb
let coin: TestCoin
let ada: number
let bob: number
let asAda: TestClient
let asBob: TestClient
let staff: TestClient
let marked: readonly string[]

beforeAll(async () => {
  web = await testWeb({ apps: [vpn()] })
  coin = web.coin
  ada = await addMember(coin, { firstName: 'Ada', lastName: 'zzA_member', email: 'zza@example.org' })
  bob = await addMember(coin, { firstName: 'Bob', lastName: 'zzB_member', email: 'zzb@example.org' })
  asAda = await web.member(ada)
  asBob = await web.member(bob)
  staff = await web.signIn('staff')
  await dropChecks()
  marked = await plant(coin, 'zzA', { member: ada, email: 'zza@example.org', 'auth."user"': await userOf(ada) })
  await plant(coin, 'zzB', { member: bob, email: 'zzb@example.org', 'auth."user"': await userOf(bob) })
})
afterAll(() => web.close())

/** Rows are planted past every rule; what erases them meets the triggers again. */
async function dropChecks() {
  await coin.pool.query(`DO $$ DECLARE k record; BEGIN
    FOR k IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype IN ('c', 'x') AND connamespace::regnamespace::text IN ('public', 'coin', 'auth') LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', k.t, k.conname);
    END LOOP; END $$`)
}

async function userOf(member: number): Promise<string> {
  const { rows } = await coin.pool.query<{ user_id: string }>('SELECT user_id FROM member WHERE id = $1', [member])
  return rows[0]?.user_id ?? ''
}

interface Copy {
  readonly format: string
  readonly data: readonly { readonly name: string; readonly tables: Readonly<Record<string, readonly unknown[]>> }[]
}

test('a table that names a member, an account, a subscription or a line is declared by somebody', async () => {
  const { rows } = await coin.pool.query<{ name: string }>(`
    SELECT DISTINCT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND n.nspname IN ('public', 'coin', 'auth') AND a.attnum > 0 AND NOT a.attisdropped AND (a.attname IN ('member_id', 'user_id', 'subscription_id', 'configuration_id')
      OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'
        AND k.confrelid IN ('member'::regclass, 'auth."user"'::regclass, 'subscription'::regclass, 'configuration'::regclass)))`)
  const declared = new Set(declaredTables(coin).map(name => name.replace(/^coin\./, '')))
  // the outbox knows of a row that it changed, and for moments only
  const missing = rows.map(({ name }) => name.replace(/^coin\./, '')).filter(name => !declared.has(name) && name !== 'outbox')
  expect(missing).toEqual([])
})

test('a copy holds every row of the member, nobody else’s, and no secret', async () => {
  const answer = await asAda.post('/me/data', { format: 'json' })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const text = await answer.text()
  const copy = JSON.parse(text) as Copy
  expect(copy.format).toBe('coin-personal-data/1')
  const tables = new Map(copy.data.flatMap(kind => Object.entries(kind.tables)))
  for (const table of declaredTables(coin)) expect([table, tables.get(table.replaceAll('"', ''))?.length ?? 0]).not.toEqual([table, 0])
  expect(marked.length).toBeGreaterThan(20)
  expect(marked.filter(table => !text.includes(`zzA_${table.replace(/\W/g, '')}`))).toEqual([])
  expect(text).toContain('"nickname":["zzA_actor",""]')
  expect(text).not.toContain('zzB')
  expect(text).not.toMatch(/_secret|scrypt|\\\\x7a7a41/)
  const page = await (await asAda.post('/me/data', { format: 'html' })).text()
  expect(page).toContain('zzA_subscription')
  expect(page).not.toMatch(/zzB|_secret|<script|https?:/)
})

test('who they are, and who may', async () => {
  for (const path of ['/me/data', '/me/data/erasure', '/me/email']) {
    expect((await web.client().get(path, { accept: 'text/html' })).status).toBe(302)
    expect((await staff.get(path)).status).toBe(403)
    expect((await asBob.get(path)).status).toBe(200)
  }
  expect(await asAda.page('/addresses')).toMatch(/Addresses that you had before[\s\S]*192\.0\.2\.0\/30/)
  expect(await asBob.page('/addresses')).not.toContain('192.0.2.0/30')
  for (const path of ['/admin/erasures', '/admin/personal-data']) {
    expect((await asBob.get(path)).status).toBe(403)
    expect((await staff.get(path)).status).toBe(200)
  }
  expect((await asBob.post(`/admin/members/${ada}/data`, { format: 'json' })).status).toBe(403)
  expect(await (await staff.post(`/admin/members/${ada}/data`, { format: 'json' })).text()).toContain('zzA_subscription')
})

test('what the law lets go is gone, what it keeps is listed', async () => {
  const elsewhere = await whereIs(coin, 'zzB')
  expect((await asAda.post('/me/data/erasure')).status).toBe(303)
  const { rows } = await coin.pool.query<{ id: number }>(`SELECT id FROM erasure_request WHERE member_id = ${ada} AND state = 'asked'`)
  const path = `/admin/erasures/${rows[0]?.id}`
  expect((await asBob.post(path, { verb: 'erase' })).status).toBe(403)
  const answer = await staff.post(path, { verb: 'erase' })
  expect([answer.status, await answer.text()]).toEqual([303, ''])
  const parts = await coin.pool.query<{ name: string }>('SELECT name FROM erasure_part WHERE kept_until IS NOT NULL')
  const kept = new Set(parts.rows.map(({ name }) => name))
  const keptTables = coin.registry.personalData.flatMap(({ data }) => (kept.has(data.name) ? Object.keys(data.rows) : []))
  // the key of what is still to be removed from the network
  expect((await whereIs(coin, 'zzA')).filter(place => !keptTables.includes(place) && place !== 'provisioning_state')).toEqual([])
  const receipt = await staff.page(path)
  for (const word of ['Code de commerce, art. L123-22', '31 Dec 2036', 'Without end', 'Former member']) expect(receipt).toContain(word)
  expect(await whereIs(coin, 'zzB')).toEqual(elsewhere)
})

test('what was kept goes when its term has come, once', async () => {
  await coin.pool.query(`SET session_replication_role = replica; UPDATE invoice SET issued_on = '2010-01-15'; UPDATE payment SET received_on = '2010-01-15';
    UPDATE bank_line SET booked_on = '2010-01-15'; UPDATE sepa_batch SET collect_on = '2010-01-15'; UPDATE subscription SET started_on = '2010-01-01', resigned_on = '2010-01-31';
    DELETE FROM ip_assignment; UPDATE erasure_part SET kept_until = '2021-01-31' WHERE isfinite(kept_until); RESET session_replication_role`)
  const run = (dryRun = false) => coin.asSystem('test', () => coin.write(tx => eraseWhatRanOut(tx, dryRun)))
  const due = (await run(true)).map(({ name }) => name).sort()
  expect(due).toEqual(['addresses', 'bills', 'fees', 'mandates', 'payments', 'subscriptions'])
  expect((await run()).map(({ name }) => name).sort()).toEqual(due)
  expect(await run()).toEqual([])
  const names = await coin.pool.query(`
    SELECT i.member_snapshot ->> 'name' AS invoice, p.reference AS payment, l.counterparty_name AS bank, c.name AS collection, m.iban AS mandate
    FROM invoice i JOIN payment p USING (member_id) JOIN bank_line l USING (member_id) JOIN sepa_collection c USING (member_id) JOIN sepa_mandate m USING (member_id) ORDER BY member_id`)
  expect(names.rows[0]).toEqual({ invoice: '', payment: '', bank: null, collection: '-', mandate: 'XX0000000000000' })
  expect(names.rows[1]).toMatchObject({ invoice: 'zzB_invoice', payment: 'zzB_payment', collection: 'zzB_sepa_collection' })
  const unfinished = await coin.pool.query(`SELECT name FROM erasure_part WHERE isfinite(kept_until) AND name !~ '^zz'`)
  expect(unfinished.rows).toEqual([])
})

import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { addMember } from '../testing/factories.ts'
import { until } from '../testing/until.ts'
import { type TestWeb, testWeb } from '../testing/web.ts'
import { auditHead, chainBatch, keepCheck, verifyAudit } from './chain.ts'
import { auditJobs } from './jobs.ts'

let t: TestWeb
beforeAll(async () => {
  t = await testWeb()
})
afterAll(() => t.close())

/** A member's entry, chained. */
let entry: number
let member: number
beforeEach(async () => {
  member = await addMember(t.coin, { lastName: 'Berthier', email: 'amina@example.org' })
  await chain()
  const { rows } = await t.coin.pool.query("SELECT max(id) AS id FROM coin.history WHERE table_name = 'member' AND row_id = $1", [member])
  entry = Number(rows[0].id)
})

const waiting = async () => (await auditHead(t.coin.database.db)).waiting
/** Whatever runs in another database of the server holds a batch up as well, as long as it was there first. */
const chain = () =>
  until(async () => {
    await t.coin.write(chainBatch)
    return (await waiting()) === 0
  })
const problems = async () => (await verifyAudit(t.coin.database.db)).problems.map(({ entry, problem }) => [entry, problem])

/** As somebody who owns the database and switches its guards off; put back afterwards, so that the next test has a whole chain. */
async function tampered(statement: string, look: () => Promise<void>) {
  const client = new pg.Client({ connectionString: t.coin.url })
  await client.connect()
  try {
    await client.query(`CREATE TEMP TABLE kept AS SELECT * FROM coin.history; CREATE TEMP TABLE entries AS SELECT * FROM coin.audit_entry;
      CREATE TEMP TABLE batches AS SELECT * FROM coin.audit_batch; SET session_replication_role = replica`)
    await client.query(statement)
    await look()
    await client.query(`DELETE FROM coin.history; INSERT INTO coin.history OVERRIDING SYSTEM VALUE SELECT * FROM kept;
      DELETE FROM coin.audit_entry; INSERT INTO coin.audit_entry SELECT * FROM entries;
      DELETE FROM coin.audit_batch; INSERT INTO coin.audit_batch SELECT * FROM batches`)
  } finally {
    await client.end()
  }
  expect(await problems()).toEqual([])
}

test('what was chained cannot be changed, removed, added or cut off unseen', async () => {
  expect(await problems()).toEqual([])
  const { hash } = await auditHead(t.coin.database.db)
  await tampered(`UPDATE coin.history SET actor = '{"label": "Eve"}' WHERE id = ${entry}`, async () =>
    expect(await problems()).toEqual([[entry, 'entry changed']]),
  )
  await tampered(`DELETE FROM coin.history WHERE id = ${entry}`, async () => expect(await problems()).toEqual([[entry, 'entry removed']]))
  await tampered(`DELETE FROM coin.history WHERE id = ${entry}; DELETE FROM coin.audit_entry WHERE history_id = ${entry}`, async () =>
    expect(await problems()).toEqual([[null, 'digests changed']]),
  )
  await tampered(`DELETE FROM coin.audit_batch WHERE id = (SELECT max(id) FROM coin.audit_batch)`, async () => {
    expect(await problems()).toEqual([])
    const { problems: found } = await verifyAudit(t.coin.database.db, undefined, hash)
    expect(found).toMatchObject([{ problem: 'the expected hash is not in the chain' }])
  })
  // claimed to be an erasure, which nothing tells of
  await tampered(
    `UPDATE coin.history SET changes = '{}' WHERE id = ${entry}; UPDATE coin.audit_entry SET salt = NULL WHERE history_id = ${entry}`,
    async () => expect(await problems()).toEqual([[entry, 'entry changed']]),
  )
})

test('an ordinary connection is refused to change it', async () => {
  for (const statement of [
    'UPDATE coin.history SET changes = changes',
    'DELETE FROM coin.history',
    'DELETE FROM coin.audit_entry',
    'UPDATE coin.audit_batch SET hash = hash',
    'TRUNCATE coin.audit_entry',
  ])
    await expect(t.coin.pool.query(statement)).rejects.toMatchObject({ code: 'CN000' })
})

test('personal data are erased from it, and it still verifies', async () => {
  await t.coin.pool.query("SELECT coin.erase_history('member', $1, '{last_name,email}')", [member])
  await chain()
  expect(await problems()).toEqual([])
  const { rows } = await t.coin.pool.query("SELECT changes FROM coin.history WHERE table_name = 'member' AND row_id = $1", [member])
  expect(rows[0].changes).toMatchObject({ last_name: [null, null], email: [null, null], status: [null, 'member'] })
  // what remains is still covered
  await tampered(`UPDATE coin.history SET changes = changes - 'status' WHERE id = ${entry}`, async () =>
    expect(await problems()).toEqual([[entry, 'entry changed']]),
  )
})

test('an entry whose transaction is still open when later ones are chained is chained later', async () => {
  const client = new pg.Client({ connectionString: t.coin.url })
  await client.connect()
  await client.query('BEGIN')
  await client.query('UPDATE member SET nickname = $1 WHERE id = $2', ['slow', member])
  await addMember(t.coin)
  expect(await t.coin.write(chainBatch)).toBe(0)
  await client.query('COMMIT')
  await client.end()
  await chain()
  expect(await problems()).toEqual([])
})

test('chained by many at once, it is one chain without gaps', async () => {
  await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? t.coin.write(chainBatch) : addMember(t.coin))))
  await chain()
  expect(await problems()).toEqual([])
  const { rows } = await t.coin.pool.query('SELECT count(*)::int AS n, max(id)::int AS last FROM coin.audit_batch')
  expect(rows[0].n).toBe(rows[0].last)
})

test('the job of every minute chains what has come, also when there is nothing', async () => {
  const log = { info() {}, warn() {} }
  const chained = () => t.coin.write(tx => auditJobs.chain.run({}, { tx, log, signal: new AbortController().signal }))
  await addMember(t.coin)
  await until(async () => {
    await chained()
    return (await waiting()) === 0
  })
  await chained()
  expect(await problems()).toEqual([])
})

test('who may see it, what staff did in it, and what is wrong with it', async () => {
  const staff = await t.signIn('staff')
  const [nobody, other] = [t.client(), await t.signIn('member')]
  for (const path of ['/admin/audit', `/admin/audit/${entry}`]) {
    expect((await nobody.get(path)).status).toBe(302)
    expect((await other.get(path)).status).toBe(403)
  }
  expect((await other.post('/admin/audit/verify')).status).toBe(403)
  expect((await staff.get('/admin/audit/0')).status).toBe(404)
  const saved = await staff.post(`/admin/members/${member}/edit`, {
    lastName: 'Berthier',
    email: 'b@example.org',
    country: 'FR',
    kind: 'natural',
    username: 'xberthier',
    status: 'member',
    joinedOn: '2026-01-01',
  })
  expect(saved.status).toBe(303)
  const page = await staff.page('/admin/audit')
  expect(page).toContain(`Carried out /admin/members/${member}/edit`)
  expect(page).toContain(`Member #${member} changed`)
  expect(await staff.page(`/admin/audit/${entry}`)).toContain('Berthier')
  expect(await staff.page('/admin/audit?kind=member&from=2020-01-01&until=2020-12-31')).toContain('Nothing of this kind was done')
  // anything may come from an address bar
  expect((await staff.get('/admin/audit?who=%27&kind=%27&row=x&from=never&before=9999999999999999')).status).toBe(200)
  expect((await staff.post('/admin/audit/verify')).status).toBe(303)
  await t.coin.write(tx => keepCheck(tx, { batches: 1, entries: 1, problems: [{ batch: 1, entry, problem: 'entry changed' }] }))
  expect(await staff.page('/admin')).toContain('The audit log is broken')
})

test('a change is taken back by the form, but not over what was changed again; a removal is added again', async () => {
  const staff = await t.signIn('staff')
  const path = `/admin/members/${member}/edit`
  const form = async () => {
    const { rows } = await t.coin.pool.query<Record<string, string>>(
      `SELECT kind, last_name AS "lastName", username, email, country, status, joined_on::text AS "joinedOn", city, version::text FROM member WHERE id = $1`,
      [member],
    )
    return rows[0] ?? {}
  }
  expect((await staff.post(path, { ...(await form()), city: 'Lyon', lastName: 'Martin' })).status).toBe(303)
  const first = /\?undo=(\d+)/.exec(await staff.page(`/admin/members/${member}/history`))?.[1]
  expect((await staff.post(path, { ...(await form()), city: 'Nantes' })).status).toBe(303)
  const undo = await staff.page(`${path}?undo=${first}`)
  expect(undo).toContain('as it was before Staff Person changed it')
  expect(undo).toContain('changed again since: City')
  expect(undo).toMatch(/value="Berthier" id="lastName"/)
  expect(undo).toMatch(/value="Nantes" id="city"/)
  // of another row there is nothing to take back
  expect(await staff.page(`${path}?undo=${entry}`)).not.toContain('as it was before')
  expect((await staff.post(`/admin/members/${member}/remove`, { version: (await form()).version ?? '' })).status).toBe(303)
  const { rows } = await t.coin.pool.query("SELECT max(id) AS id FROM coin.history WHERE table_name = 'member' AND op = 'removed'")
  expect(await staff.page(`/admin/audit/${rows[0].id}`)).toContain(`/admin/members/new?undo=${rows[0].id}`)
  expect(await staff.page(`/admin/members/new?undo=${rows[0].id}`)).toMatch(/value="Martin" id="lastName"/)
})

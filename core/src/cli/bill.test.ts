import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineConfig } from '../app/config.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { main } from './main.ts'

const data = mkdtempSync(path.join(tmpdir(), 'coin-cli-bill-'))
let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    COIN_DATA: data,
    COIN_SECRET: 'only-good-for-tests-but-long-enough',
    LANG: 'C',
    LC_ALL: 'C',
  })
  await database.pool.query(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET coin.today = ''2026-11-23''', current_database()); END $$`)
})
afterAll(async () => {
  await database.close()
  rmSync(data, { recursive: true, force: true })
})

interface Outcome {
  readonly code: number
  readonly out: string
  readonly error: string
}

/** Runs a command as the launcher does, and keeps what it writes. */
async function coin(...args: string[]): Promise<Outcome> {
  const written = { out: '', error: '' }
  const keep = (name: keyof typeof written) => (text: unknown) => {
    written[name] += String(text)
    return true
  }
  const [out, error] = [process.stdout.write, process.stderr.write]
  process.stdout.write = keep('out') as typeof out
  process.stderr.write = keep('error') as typeof error
  try {
    const code = await main(defineConfig({ apps: [] }), args)
    return { code, ...written }
  } finally {
    process.stdout.write = out
    process.stderr.write = error
  }
}
const json = async (...args: string[]) => {
  const { code, out, error } = await coin(...args, '--json')
  return { code, ...(out && { value: JSON.parse(out) }), ...(error && { error: JSON.parse(error).error }) }
}

/** A member with a subscription since October; the offer has no price unless given. */
async function subscribe(name: string, fee?: string): Promise<{ member: number; offer: number }> {
  const one = async (text: string, values: unknown[]) => Number((await database.pool.query(text, values)).rows[0]?.id)
  const member = await one(
    `INSERT INTO member (first_name, last_name, email, username) VALUES ($1, 'Abgrall', $1 || '@example.org', '') RETURNING id`,
    [name],
  )
  const offer = await one(`INSERT INTO offer (name, reference) VALUES ($1, lower($1)) RETURNING id`, [`Offer-${name}`])
  await database.pool.query(
    `WITH s AS (INSERT INTO subscription (member_id, reference, started_on) VALUES ($1, $2, '2026-10-01') RETURNING id)
      INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) SELECT id, $3, '', '[2026-10-01,)' FROM s`,
    [member, `S-${name}`, offer],
  )
  if (fee) await price(offer, fee)
  return { member, offer }
}
const price = (offer: number, fee: string) =>
  database.pool.query(`INSERT INTO offer_price (offer_id, effective_from, period_fee) VALUES ($1, '2020-01-01', $2)`, [offer, fee])

test('a dry run, its lines, applied, with one set aside: 5, with the reason; mended and tried again: 0', async () => {
  await subscribe('Zoe', '20')
  const { member, offer } = await subscribe('Yan')
  const dry = await json('bill', 'run', '--date', '2026-11-01', '--dry-run')
  expect(dry).toMatchObject({
    code: 5,
    value: {
      id: 1,
      state: 'preview',
      invoices: 1,
      failed: 1,
      totals: [{ currency: 'EUR', total: '40.00' }],
      setAside: [{ memberId: member, state: 'failed' }],
    },
  })
  const shown = await coin('bill', 'show', '1')
  expect(shown.code).toBe(5)
  expect(shown.out).toContain('Run 1 up to 2026-11-01 would make 1 invoices and credit notes, €40.00. Nothing is billed yet.')
  expect(shown.out).toMatch(/Yan Abgrall +The offer Offer-Yan has no price on 1 October 2026\. Add a price that is in force then\./)
  const lines = await coin('bill', 'show', '1', '--lines')
  expect(lines.code).toBe(0)
  expect((parse(lines.out, { columns: true }) as { net: string }[]).map(({ net }) => net)).toEqual(['20.00', '20.00'])

  expect(await json('bill', 'apply', '1')).toMatchObject({ code: 5, value: { state: 'done', invoices: 1, drafts: 1, failed: 1 } })
  expect(await json('bill', 'apply', '1')).toMatchObject({
    code: 1,
    error: { code: 'refused', message: 'This run was applied or dropped already.' },
  })
  expect(await coin('bill', 'show', '1', '--lines')).toMatchObject({ code: 1, out: '' })
  await price(offer, '12.5')
  expect(await json('bill', 'retry', '1')).toMatchObject({ code: 0, value: { invoices: 2, failed: 0, setAside: [] } })
  expect(await json('bill', 'run', '--date', '2026-11-01')).toMatchObject({ code: 0, value: { invoices: 0, totals: [] } })
  expect((await coin('bill', 'show', '2')).out).toBe('Run 2 up to 2026-11-01: nothing to bill.\n')
})

test('drafts are issued: those of a run, or all; one that cannot be is left', async () => {
  await database.pool.query(`INSERT INTO invoice (member_id) SELECT min(id) FROM member`)
  await database.pool.query(`WITH d AS (INSERT INTO invoice (member_id) SELECT min(id) FROM member RETURNING id)
    INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, net) SELECT id, 1, 'Gift', -1, 5, -5 FROM d`)
  expect(await json('bill', 'issue', '--run', '2')).toEqual({ code: 0, value: { issued: 0 } })
  expect(await json('bill', 'issue', '--run', '1')).toEqual({ code: 0, value: { issued: 2 } })
  expect((await coin('bill', 'issue')).out).toBe('0 issued.\n')
  await subscribe('Xavier', '8')
  expect(await json('bill', 'run', '--issue')).toMatchObject({
    code: 0,
    value: { date: '2026-11-23', state: 'done', drafts: 0, invoices: 1 },
  })
})

test('a dry run is dropped, a stopped run goes on, and all are listed, the newest first', async () => {
  await subscribe('Wim', '9')
  const { value } = await json('bill', 'run', '--dry-run')
  const id = String(value.id)
  expect(await json('bill', 'drop', id)).toEqual({ code: 0, value: { run: value.id, state: 'dropped' } })
  expect((await coin('bill', 'drop', id)).code).toBe(1)
  const { rows } = await database.pool.query(
    `WITH r AS (INSERT INTO billing_run (date, time_zone, state, started_by) VALUES ('2026-11-23', 'UTC', 'stopped', 'test') RETURNING id::int)
      INSERT INTO billing_run_lane (run_id, lane, after_member) SELECT id, 1, 0 FROM r RETURNING run_id::int AS id`,
  )
  expect((await coin('bill', 'show', String(rows[0].id))).out).toContain(`Go on with coin bill resume ${rows[0].id}.`)
  expect(await json('bill', 'resume', String(rows[0].id))).toMatchObject({ code: 0, value: { state: 'done', invoices: 1 } })
  const list = await json('bill', 'list')
  expect(list.value.map(({ state }: { state: string }) => state)).toEqual(['done', 'dropped', 'done', 'done', 'done'])
  expect((await coin('bill', 'list')).out).toMatch(/^Run +Up to +State +Invoices +Total +Set aside +Started by\n5 /)
})

test('--plan says what the next run bills because of a change, and --if-plan holds it to that', async () => {
  const add = [
    'discount',
    'add',
    '--subscription',
    'S-Zoe',
    '--from',
    '2026-10-01',
    '--until',
    '2026-10-31',
    '--label',
    'Sorry',
    '--percent',
    '50',
  ]
  const { out } = await coin(...add, '--plan')
  expect(out).toMatch(/Money\n {2}S-Zoe: The next run, up to 1 December 2026, bills €10\.00 less\n/)
  expect(out).toMatch(/\+ Offer-Zoe, October 2026: correction\. .*€20\.00 was billed, €10\.00 is due.*: −€10\.00/)
  const { value } = await json(...add, '--plan')
  expect(value.money).toMatchObject([{ about: 'S-Zoe', state: 'worked_out', difference: [{ currency: 'EUR', amount: '-10.00' }] }])
  await database.pool.query(
    `INSERT INTO subscription_free_price (subscription_id, during, period_fee) SELECT id, '[2026-10-01,2026-11-01)', 5 FROM subscription WHERE reference = 'S-Zoe'`,
  )
  const late = await json(...add, '--if-plan', value.hash)
  expect(late).toMatchObject({ code: 4, error: { message: expect.stringContaining('something else would be billed') } })
})

test('what is typed wrongly is told apart from what is refused and what is not there', async () => {
  expect(await coin('bill', 'help')).toMatchObject({ code: 0, out: expect.stringContaining('members were set aside') })
  for (const wrong of [
    ['bill', 'frobnicate'],
    ['bill', 'show'],
    ['bill', 'show', 'x'],
    ['bill', 'run', '--frob'],
    ['bill', 'issue', '--run', 'all'],
    ['bill', 'retry', '-1'],
  ])
    expect([wrong, (await coin(...wrong)).code]).toEqual([wrong, 2])
  for (const command of ['show', 'apply', 'drop', 'resume', 'retry'])
    expect([command, (await coin('bill', command, '999')).code]).toEqual([command, 3])
  for (const date of ['2026-02-31', 'tomorrow', '2099-01-01'])
    expect([date, (await coin('bill', 'run', '--date', date)).code]).toEqual([date, 1])
  expect((await coin('bill', 'run', '--date', '2026-02-31')).error).toContain('Give a date such as 2026-12-01.')
})

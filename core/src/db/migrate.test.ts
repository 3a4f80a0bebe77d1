import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { migrate, pendingMigrations, readMigrations } from './migrate.ts'

let database: TestDatabase
let folder: string

beforeEach(async () => {
  database = await testDatabase({ empty: true })
  folder = mkdtempSync(path.join(tmpdir(), 'coin-migrations-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await database.close()
})

const write = (name: string, sql: string) => writeFileSync(path.join(folder, `${name}.sql`), sql)
const sources = () => [{ app: 'demo', folder }]
async function run(): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await migrate(client, readMigrations(sources()))).map(({ name }) => name)
  } finally {
    await client.end()
  }
}
const tables = async () =>
  (await database.pool.query<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)).rows.map(
    ({ name }) => name,
  )

test('what is missing is applied once, in order', async () => {
  write('0000_first', 'CREATE TABLE first (id int PRIMARY KEY)')
  write('0001_second', 'CREATE TABLE second (id int REFERENCES first)')
  expect(await run()).toEqual(['0000_first', '0001_second'])
  expect(await run()).toEqual([])
  expect(await tables()).toEqual(['first', 'second'])
})

test('a migration with an earlier number that was merged late is applied', async () => {
  write('0001_second', 'CREATE TABLE second (id int)')
  await run()
  write('0000_first', 'CREATE TABLE first (id int)')
  expect(await pendingMigrations(database.pool, readMigrations(sources()))).toHaveLength(1)
  expect(await run()).toEqual(['0000_first'])
  expect(await tables()).toEqual(['first', 'second'])
})

test('a file that changed after it was applied stops everything, and is named', async () => {
  write('0000_first', 'CREATE TABLE first (id int)')
  await run()
  write('0000_first', 'CREATE TABLE first (id bigint)')
  write('0001_second', 'CREATE TABLE second (id int)')
  await expect(run()).rejects.toMatchObject({ code: 'boot', values: { names: 'demo/0000_first' } })
  expect(await tables()).toEqual(['first'])
})

test('a migration that fails leaves nothing of itself, and those before it stay', async () => {
  write('0000_first', 'CREATE TABLE first (id int)')
  write('0001_broken', 'CREATE TABLE half (id int); INSERT INTO nowhere VALUES (1)')
  write('0002_third', 'CREATE TABLE third (id int)')
  await expect(run()).rejects.toMatchObject({ code: 'boot', values: { name: 'demo/0001_broken' } })
  expect(await tables()).toEqual(['first'])
  write('0001_broken', 'CREATE TABLE half (id int)')
  expect(await run()).toEqual(['0001_broken', '0002_third'])
})

test('four at once: one applies, the others find it done', async () => {
  for (let i = 0; i < 10; i++) write(`000${i}_step`, `CREATE TABLE step_${i} (id int)`)
  const applied = await Promise.all([run(), run(), run(), run()])
  expect(applied.map(names => names.length).sort()).toEqual([0, 0, 0, 10])
})

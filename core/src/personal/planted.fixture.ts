import type pg from 'pg'
import type { TestCoin } from '../testing/index.ts'
import { kindsOf } from './kinds.ts'

interface Column {
  readonly name: string
  readonly type: string
  readonly references: string | null
}

/** What columns hold that triggers and other tables look at. */
const fixed: Readonly<Record<string, unknown>> = {
  'invoice.state': 'issued',
  'invoice.kind': 'invoice',
  'subscription.resigned_on': '2026-01-31',
  'subscription.configuration_type': 'vpn',
  'configuration.type': 'vpn',
  'vpn.type': 'vpn',
  'sepa_mandate.state': 'revoked',
  'erasure_request.state': 'withdrawn',
  'request.state': 'refused',
  'import_file.state': 'applied',
  'import_file.hash': 'ab',
  'auth.verification.identifier': 'reset-password:zz_secret',
}
/** Columns of few values, that say nothing about anybody. */
const enumerated =
  /^(state|kind|status|type|configuration_type|currency|method|sequence|format|unit|series|backend|source|language|locale|about_kind|op|author|account|vat_mention|provider_id|key_kind|reason_code|.*_by)$/
/** Tables that others point to, of nobody in particular. */
const common = ['sepa_batch', 'bank_account', 'bank_import']
/** What does not leave as it is. */
const hidden = /_by$|password|secret|token|hash|salt|sealed|digest|fingerprint|credential|codes/
const secret = /password|secret|token|hash|salt|sealed|digest|fingerprint|credential|codes/

/** The tables that are declared to hold what is about members, the account's first. */
export const declaredTables = (coin: TestCoin): readonly string[] => [
  ...new Set(kindsOf(coin.registry).flatMap(({ data }) => Object.keys(data.rows))),
]

/**
 * Puts a row about a member into every declared table, past every rule: texts are marked `<mark>_<table>`, secrets `<mark>_secret`. Needs a
 * database without check constraints. Gives the tables that have a text that is marked.
 */
export async function plant(coin: TestCoin, mark: string, known: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const client = await coin.pool.connect()
  try {
    await client.query(`SET session_replication_role = replica`)
    const marked: string[] = []
    const ids = new Map<string, unknown>(Object.entries(known))
    for (const table of common) ids.set(table, (await plantRow(client, table, `of_${mark === 'zzA' ? 'a' : 'b'}`, ids)).id)
    for (const table of inOrder(declaredTables(coin))) {
      if (ids.has(table)) continue
      const row = await plantRow(client, table, mark, ids)
      ids.set(table, row.id)
      if (
        Object.entries(row).some(
          ([name, value]) => name !== 'id' && !hidden.test(name) && JSON.stringify(value).includes(`${mark}_${table.replace(/\W/g, '')}`),
        )
      )
        marked.push(table)
    }
    await client.query(
      `INSERT INTO coin.history (table_name, row_id, op, actor, changes) VALUES ('member', $1, 'changed', jsonb_build_object('label', $2::text, 'user', $3::text), jsonb_build_object('nickname', jsonb_build_array($2::text, '')))`,
      [known.member, `${mark}_actor`, known['auth."user"']],
    )
    return marked
  } finally {
    await client.query('RESET session_replication_role')
    client.release()
  }
}

const parents = [
  'subscription',
  'configuration',
  'invoice',
  'charge',
  'payment',
  'sepa_mandate',
  'sepa_collection',
  'bank_line',
  'reminder',
  'request',
  'erasure_request',
]
const inOrder = (tables: readonly string[]) => [
  ...parents.filter(table => tables.includes(table)),
  ...tables.filter(table => !parents.includes(table)),
]

async function plantRow(
  client: pg.PoolClient,
  table: string,
  mark: string,
  ids: ReadonlyMap<string, unknown>,
): Promise<Record<string, unknown>> {
  const { rows: columns } = await client.query<Column>(
    `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type,
      (SELECT k.confrelid::regclass::text FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND k.conkey[1] = a.attnum LIMIT 1) AS references
     FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = '' AND a.attname <> 'version'`,
    [table],
  )
  const values = columns
    .map(column => [column.name, plantedValue(table, column, mark, ids)] as const)
    .filter(([, value]) => value !== undefined)
  const { rows } = await client.query(
    `INSERT INTO ${table} (${values.map(([name]) => name).join(', ')}) VALUES (${values.map((_, index) => `$${index + 1}`).join(', ')}) RETURNING *`,
    values.map(([, value]) => value),
  )
  return rows[0] ?? {}
}

function plantedValue(table: string, { name, type, references }: Column, mark: string, ids: ReadonlyMap<string, unknown>): unknown {
  const given = fixed[`${table}.${name}`]
  if (given !== undefined) return given
  if (references && ids.has(references)) return ids.get(references)
  if (name === 'member_id') return ids.get('member')
  if (name === 'user_id') return ids.get('auth."user"')
  if (name === 'subscription_id') return ids.get('subscription')
  if (name === 'configuration_id') return ids.get('configuration')
  if (table === 'coin.mail' && name === 'recipient') return ids.get('email')
  if (table === 'sign_up' && name === 'email') return ids.get('email')
  if (table === 'auth.verification' && name === 'value') return ids.get('auth."user"')
  if (name === 'id' && type === 'bigint') return ids.get('configuration')
  if (type === 'text' && enumerated.test(name)) return 'any'
  const text = secret.test(name) ? `${mark}_secret` : `${mark}_${table.replace(/\W/g, '')}`
  if (/^(text|character varying)$/.test(type)) return text
  if (type === 'text[]') return [text]
  if (type === 'jsonb') return JSON.stringify({ name: text, address: text })
  if (type === 'numeric') return 0
  if (/^(integer|bigint|smallint)$/.test(type)) return mark === 'zzA' ? 1 : 2
  if (type === 'boolean') return false
  if (type === 'date') return '2026-01-15'
  if (type.startsWith('timestamp')) return '2026-01-15T12:00:00Z'
  if (type === 'daterange') return '[2026-01-01,2026-02-01)'
  if (type === 'tstzrange') return '[2026-01-01,2026-02-01)'
  if (type === 'cidr') return mark === 'zzA' ? '192.0.2.0/30' : '192.0.2.8/30'
  if (type === 'inet') return mark === 'zzA' ? '192.0.2.1' : '192.0.2.9'
  if (type === 'bytea') return Buffer.from(text)
  throw new Error(`${table}.${name}: how is a ${type} planted?`)
}

/** Where a mark is: in which tables, and of the history of which. */
export async function whereIs(coin: TestCoin, mark: string): Promise<readonly string[]> {
  const { rows } = await coin.pool.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  )
  const found: string[] = []
  for (const { name } of rows) {
    const of = /(^|\.)history$/.test(name) ? `'history of ' || x.table_name` : `'${name.replaceAll("'", '')}'`
    const hits = await coin.pool.query<{ place: string }>(
      `SELECT DISTINCT ${of} AS place FROM ${name} x WHERE x::text LIKE $1 OR x::text LIKE $2`,
      [`%${mark}%`, `%${Buffer.from(mark).toString('hex')}%`],
    )
    found.push(...hits.rows.map(({ place }) => place))
  }
  return found.sort()
}

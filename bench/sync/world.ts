import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import vpnApp from '../../apps/vpn/index.tsx'
import { type ConfigInput, defineConfig } from '../../core/src/app/config.ts'
import { createRegistry } from '../../core/src/app/registry.ts'
import { coreApps } from '../../core/src/core-apps.ts'
import { migrateAll } from '../../core/src/db/migrate-all.ts'
import { type Slapd, startSlapd } from '../../test/real/slapd.ts'

const run = promisify(execFile)

/** A deployment to be measured: a database, a directory, and how many accounts there are. */
export interface World {
  readonly url: string
  readonly pool: pg.Pool
  readonly slapd: Slapd
}

/** As it is given to a worker's process. */
export interface Place {
  readonly databaseUrl: string
  readonly ldap: string
  readonly bindDn: string
  readonly password: string
  readonly base: string
  readonly data: string
}

export const configOf = ({ ldap, bindDn, password, base }: Pick<Place, 'ldap' | 'bindDn' | 'password' | 'base'>): ConfigInput => ({
  apps: [vpnApp({ ldap: { url: ldap, bindDn, password }, directory: { base } })],
  provisioning: { sweep: false },
})

/** Where the entries are that no configuration explains: those of the client alone. */
export const rawBase = 'ou=raw,dc=isp,dc=test'

export async function openWorld(cluster: string, name: string, sync: boolean): Promise<World> {
  const admin = new pg.Client({ connectionString: cluster })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  const url = new URL(cluster)
  url.pathname = `/${name}`
  const writer = 'cn=coin,dc=isp,dc=test'
  const slapd = await startSlapd({
    sync,
    maxsize: 2 ** 30,
    access: [
      `access to attrs=userPassword by dn.exact="${writer}" write by anonymous auth by * none`,
      `access to * by dn.exact="${writer}" write by * none`,
    ],
  })
  await slapd.modify(`dn: ${rawBase}\nobjectClass: organizationalUnit\nou: raw\n`)
  const config = defineConfig(configOf({ ldap: slapd.url, bindDn: slapd.writerDn, password: slapd.writerPassword, base: slapd.vpnBase }))
  await migrateAll(url.toString(), createRegistry(coreApps(), config))
  const pool = new pg.Pool({ connectionString: url.toString(), max: 10 })
  await pool.query(`INSERT INTO member (last_name, email) VALUES ('Bench', 'bench@example.org');
    INSERT INTO offer (name, reference, configuration_type) VALUES ('Bench', 'bench', 'vpn');
    -- what is told of an offer has all of its accounts looked at
    DELETE FROM coin.outbox`)
  return { url: url.toString(), pool, slapd }
}

export async function closeWorld({ pool, slapd }: World): Promise<void> {
  await pool.end()
  await slapd.close()
}

export interface Account {
  readonly n: number
  readonly login: string
  readonly hash: string
  readonly endpoint4: string
  readonly endpoint6: string
}

/** The account of the configuration `n`. */
export const accountOf = (n: number): Account => ({
  n,
  login: `user${n}`,
  hash: `{ARGON2}$argon2id$v=19$m=7168,t=5,p=1$c2FsdC1vZi1iZW5jaA$${String(n).padStart(43, 'x')}`,
  endpoint4: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
  // a group of zeros is left out, as PostgreSQL writes it
  endpoint6: `2001:db8:${(n >> 8).toString(16)}${n & 255 ? `:${((n & 255) << 8).toString(16)}` : ''}::1`,
})

/** The attributes that an entry of it has, named as in the directory. */
export const attributesOf = ({ n, login, hash, endpoint4, endpoint6 }: Account): Record<string, string[]> => ({
  objectClass: ['account', 'vpnAccount'],
  uid: [login],
  userPassword: [hash],
  vpnEnabled: ['TRUE'],
  vpnIPv4Endpoint: [endpoint4],
  vpnIPv6Endpoint: [endpoint6],
  vpnIPv4Route: [`${endpoint4}/32`],
  vpnIPv6Route: [`${endpoint6.slice(0, -1)}/56`],
  coinConfigurationId: [String(n)],
})

/** Adds accounts to the database, as if long ago: nobody is told. `known`: they are in the directory, else they are to be looked at some day. */
export async function fill({ pool, slapd }: World, from: number, to: number, known: boolean): Promise<void> {
  const client = await pool.connect()
  const ids = `generate_series(${from}, ${to}) AS n`
  const { hash } = accountOf(0)
  const four = `format('10.%s.%s.%s', n >> 16, (n >> 8) & 255, n & 255)`
  const six = `format('2001:db8:%s:%s::', to_hex(n >> 8), to_hex((n & 255) << 8))`
  await client.query(`SET session_replication_role = replica;
    INSERT INTO subscription (id, member_id, configuration_type, reference, started_on) SELECT n, 1, 'vpn', 'B' || n, current_date - 10 FROM ${ids};
    INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) SELECT n, 1, 'vpn', daterange(current_date - 10, NULL) FROM ${ids};
    INSERT INTO configuration (id, type, subscription_id) SELECT n, 'vpn', n FROM ${ids};
    INSERT INTO vpn (id, login, activated, password_hash, ipv4_endpoint, ipv6_endpoint)
      SELECT n, 'user' || n, true, '${hash.slice(0, -43)}' || lpad(n::text, 43, 'x'), ${four}::inet, (${six} || '1')::inet FROM ${ids};
    INSERT INTO ip_subnet (configuration_id, pool_id, prefix) SELECT n, 1, (${four} || '/32')::cidr FROM ${ids} UNION ALL SELECT n, 1, (${six} || '/56')::cidr FROM ${ids};
    INSERT INTO provisioning_state (configuration_id, backend, key, state, due_at)
      SELECT n, 'vpn_ldap', ${known ? `'uid=user' || n || ',${slapd.vpnBase}', 'in_sync', NULL` : `NULL, 'pending', 'infinity'`} FROM ${ids};
    RESET session_replication_role`)
  await client.query('VACUUM ANALYZE')
  await client.query('CHECKPOINT')
  client.release()
}

/** Puts the entries of accounts into the directory while it is stopped, as its own tool does. */
export async function fillDirectory({ slapd }: World, from: number, to: number): Promise<void> {
  await slapd.stop()
  const file = path.join(slapd.folder, 'fill.ldif')
  const out = createWriteStream(file)
  for (let n = from; n <= to; n++) {
    const account = accountOf(n)
    const lines = Object.entries(attributesOf(account)).flatMap(([name, values]) => values.map(value => `${name}: ${value}\n`))
    if (!out.write(`dn: uid=${account.login},${slapd.vpnBase}\n${lines.join('')}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
  await run('/usr/sbin/slapadd', ['-q', '-f', path.join(slapd.folder, 'slapd.conf'), '-b', slapd.base, '-l', file])
  await slapd.start()
}

export interface Worker {
  /** MiB that its process had at most since this was last asked. */
  peak(): Promise<number>
  stop(): Promise<void>
}

/** A worker of Coin in a process of its own. */
export async function startWorkerProcess({ url, slapd }: World, data: string): Promise<Worker> {
  const place: Place = {
    databaseUrl: url,
    ldap: slapd.url,
    bindDn: slapd.writerDn,
    password: slapd.writerPassword,
    base: slapd.vpnBase,
    data,
  }
  const script = fileURLToPath(new URL('../../scripts/bench.js', import.meta.url))
  const child = spawn(process.execPath, [script, 'sync', '--worker'], {
    env: { ...process.env, COIN_BENCH_PLACE: JSON.stringify(place) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  await Promise.race([once(child, 'message'), ended.then(() => Promise.reject(new Error('The worker did not start')))])
  return {
    async peak() {
      child.send('peak')
      const [peak] = await once(child, 'message')
      return Number(peak)
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { until } from '../fixtures/until.ts'

const run = promisify(execFile)

/** Coin's schema for OpenLDAP. */
const coinSchema = fileURLToPath(new URL('../../backends/ldap/schema/coin.schema', import.meta.url))

export interface SlapdOptions {
  /** A free one unless given. */
  readonly port?: number
  /** Addresses that it listens on; 127.0.0.1 is always one. IPv6 in brackets. */
  readonly hosts?: readonly string[]
  /** Whether each write waits for the disk, as OpenLDAP does unless told otherwise; `false` unless given: tests need not survive. */
  readonly sync?: boolean
  /** Bytes that the database may have. */
  readonly maxsize?: number
  /** StartTLS on `url`, and `tlsUrl`, with a certificate for localhost and 127.0.0.1. */
  readonly tls?: boolean
  /** Files with schemas, beside core, cosine, inetorgperson and Coin's. */
  readonly schemas?: readonly string[]
  /** Without Coin's schema. */
  readonly coinSchema?: false
  /** Refuses every write. */
  readonly readOnly?: boolean
  /** Entries that a search gives at most, to all but the root. */
  readonly sizelimit?: number
  /** Lines of slapd.conf before the databases, and for the database. */
  readonly globalLines?: readonly string[]
  readonly databaseLines?: readonly string[]
  /** Access rules instead of the usual ones. */
  readonly access?: readonly string[]
}

/** An OpenLDAP server of a test's own, with an account for Coin, one that reads, and `ou=vpn` to write below. */
export interface Slapd {
  readonly url: string
  readonly urls: readonly string[]
  /** `ldaps://`, with the option `tls`. */
  readonly tlsUrl: string
  /** The authority of its certificate, and one that has nothing to do with it, as files. */
  readonly caFile: string
  readonly otherCaFile: string
  readonly port: number
  readonly base: string
  /** Where accounts go. */
  readonly vpnBase: string
  readonly rootDn: string
  readonly rootPassword: string
  /** Writes, as Coin should: not the root of the database. */
  readonly writerDn: string
  readonly writerPassword: string
  readonly readerDn: string
  readonly readerPassword: string
  readonly folder: string
  readonly pid: number | undefined
  /** Begins to serve, with options that replace those of before. Answers when it is ready. */
  start(changed?: SlapdOptions): Promise<void>
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>
  /** As a power cut does. */
  kill(): Promise<void>
  /** Stops answering without ending, and goes on. */
  pause(): Promise<void>
  resume(): void
  /** ldapsearch as the root: the entries as LDIF, one line per value. */
  search(filter: string, attributes?: readonly string[]): Promise<string>
  /** ldapmodify as the root, or as `cn=config`; entries without `changetype` are added. */
  modify(ldif: string, dn?: 'cn=config'): Promise<void>
  /** Who the server says somebody is; throws what ldapwhoami says when the password is wrong. */
  whoami(dn: string, password: string, url?: string): Promise<string>
  /** What it logged. */
  log(): Promise<string>
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

const base = 'dc=isp,dc=test'
const vpnBase = `ou=vpn,${base}`
const rootDn = `cn=admin,${base}`
const rootPassword = 'root-of-all'
const writerDn = `cn=coin,${base}`
const writerPassword = 'coin-writes'
const readerDn = `cn=vpnread,${base}`
const readerPassword = 'vpn-reads'

/** Starts an OpenLDAP server on ports of its own, as whoever runs the tests. */
export async function startSlapd(given: SlapdOptions = {}): Promise<Slapd> {
  let options = given
  const folder = await mkdtemp(path.join(tmpdir(), 'coin-slapd-'))
  await chmod(folder, 0o755)
  await mkdir(path.join(folder, 'db'))
  if (given.tls) await makeCertificates(folder)
  const port = given.port ?? (await freePort())
  const tlsPort = given.tls ? await freePort() : 0
  const urls = ['127.0.0.1', ...(given.hosts ?? []).filter(host => host !== '127.0.0.1')].map(host => `ldap://${host}:${port}`)
  const url = `ldap://127.0.0.1:${port}`
  const tlsUrl = given.tls ? `ldaps://localhost:${tlsPort}` : ''
  const rootAs = (dn: string) => ['-x', '-H', url, '-D', dn, '-w', rootPassword]
  const root = rootAs(rootDn)
  let child: ChildProcess | undefined

  const tool = async (name: string, args: readonly string[], input?: string) => {
    const promise = run(name, [...args], { env: { ...process.env, LDAPNOINIT: '1' }, maxBuffer: 256 * 1024 * 1024 })
    promise.child.stdin?.end(input)
    return (await promise).stdout
  }

  // a run that is cut short leaves no server behind
  const lastly = () => void child?.kill('SIGKILL')
  process.once('exit', lastly)

  const end = async (signal: NodeJS.Signals) => {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = new Promise(resolve => ending.once('exit', resolve))
    ending.kill(signal)
    if (signal !== 'SIGKILL') ending.kill('SIGCONT')
    await ended
  }

  const server: Slapd = {
    url,
    urls,
    tlsUrl,
    caFile: path.join(folder, 'ca.crt'),
    otherCaFile: path.join(folder, 'other.crt'),
    port,
    base,
    vpnBase,
    rootDn,
    rootPassword,
    writerDn,
    writerPassword,
    readerDn,
    readerPassword,
    folder,
    get pid() {
      return child?.pid
    },
    async start(changed = {}) {
      options = { ...options, ...changed }
      await writeFile(path.join(folder, 'slapd.conf'), configuration(folder, options))
      const listeners = [...urls, ...(given.tls ? [`ldaps://127.0.0.1:${tlsPort}`] : [])].map(each => `${each}/`).join(' ')
      const started = spawn('/usr/sbin/slapd', ['-d', 'stats', '-h', listeners, '-f', path.join(folder, 'slapd.conf')], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, LDAPNOINIT: '1' },
      })
      const said: string[] = []
      started.stderr.on('data', chunk => {
        said.push(String(chunk))
        logged.push(String(chunk))
      })
      const failed = new Promise<never>((_, reject) => {
        started.once('error', reject)
        started.once('exit', code => reject(new Error(`slapd ended with ${code}:\n${said.join('')}`)))
      })
      failed.catch(() => {})
      child = started
      const ready = until(() =>
        tool('ldapsearch', ['-x', '-H', url, '-s', 'base', '-b', '', 'supportedLDAPVersion']).then(
          () => true,
          () => false,
        ),
      )
      await Promise.race([ready, failed])
    },
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    async pause() {
      const paused = child
      paused?.kill('SIGSTOP')
      // every one of its threads has to hear of it
      await until(async () => (await threadStates(paused?.pid)).every(state => state === 'T'))
    },
    resume: () => void child?.kill('SIGCONT'),
    search: (filter, attributes = []) => tool('ldapsearch', [...root, '-LLL', '-o', 'ldif_wrap=no', '-b', base, filter, ...attributes]),
    modify: async (ldif, dn) => void (await tool('ldapmodify', [...rootAs(dn ?? rootDn), '-a'], ldif)),
    whoami: (dn, password, at = url) => tool('ldapwhoami', ['-x', '-H', at, '-D', dn, '-w', password]),
    log: async () => logged.join(''),
    async close() {
      await end('SIGINT')
      process.off('exit', lastly)
      await rm(folder, { recursive: true, force: true })
    },
  }
  const logged: string[] = []

  try {
    await server.start(given.readOnly ? { readOnly: false } : {})
    await server.modify(await seed())
    if (given.readOnly) {
      await server.stop()
      await server.start({ readOnly: true })
    }
    return server
  } catch (error) {
    await server.close()
    throw error
  }
}

async function threadStates(pid: number | undefined): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`)
  const read = threads.map(thread => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8'))
  return (await Promise.all(read)).map(text => text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3))
}

function configuration(folder: string, options: SlapdOptions): string {
  const schemas = ['core', 'cosine', 'inetorgperson'].map(name => `/etc/ldap/schema/${name}.schema`)
  const argon2 = '/usr/lib/ldap/argon2.so'
  return [
    ...[...schemas, ...(options.coinSchema === false ? [] : [coinSchema]), ...(options.schemas ?? [])].map(file => `include ${file}`),
    `pidfile ${folder}/slapd.pid`,
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    ...(existsSync(argon2) ? ['moduleload argon2'] : []),
    'threads 4',
    ...(options.tls
      ? [`TLSCACertificateFile ${folder}/ca.crt`, `TLSCertificateFile ${folder}/server.crt`, `TLSCertificateKeyFile ${folder}/server.key`]
      : []),
    ...(options.globalLines ?? []),
    'database config',
    `rootpw ${rootPassword}`,
    'database mdb',
    `maxsize ${options.maxsize ?? 268_435_456}`,
    `suffix "${base}"`,
    `rootdn "${rootDn}"`,
    `rootpw ${rootPassword}`,
    `directory ${folder}/db`,
    `index objectClass,uid,cn${options.coinSchema === false ? '' : ',vpnIPv4Endpoint,vpnIPv6Endpoint,coinConfigurationId'} eq`,
    ...(options.sync ? [] : ['dbnosync']),
    ...(options.readOnly ? ['readonly on'] : []),
    `sizelimit ${options.sizelimit ?? 'unlimited'}`,
    ...(options.databaseLines ?? []),
    ...(options.access ?? [
      `access to attrs=userPassword by dn.exact="${writerDn}" write by anonymous auth by * none`,
      `access to dn.subtree="${vpnBase}" by dn.exact="${writerDn}" write by dn.exact="${readerDn}" read by * none`,
      `access to * by dn.exact="${writerDn}" read by dn.exact="${readerDn}" read by * none`,
    ]),
    '',
  ].join('\n')
}

async function seed(): Promise<string> {
  const account = (dn: string, name: string, password: string) =>
    `dn: ${dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: ${name}\nuserPassword: ${password}\n`
  return [
    `dn: ${base}\nobjectClass: dcObject\nobjectClass: organization\ndc: isp\no: ISP\n`,
    `dn: ${vpnBase}\nobjectClass: organizationalUnit\nou: vpn\n`,
    account(writerDn, 'coin', writerPassword),
    account(readerDn, 'vpnread', readerPassword),
  ].join('\n')
}

async function makeCertificates(folder: string): Promise<void> {
  const file = (name: string) => path.join(folder, name)
  const openssl = (...args: string[]) => run('openssl', args)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  for (const name of ['ca', 'other']) {
    await openssl('req', '-x509', ...key, '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), '-days', '2', '-subj', `/CN=${name}`)
  }
  await openssl('req', ...key, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=localhost')
  await writeFile(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const signed = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', file('names')]
  await openssl('x509', '-req', '-in', file('server.csr'), ...signed, '-out', file('server.crt'))
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return address.port
}

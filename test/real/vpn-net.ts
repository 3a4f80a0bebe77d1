import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../fixtures/until.ts'
import { makeAuthority } from './authority.ts'
import { type Running, run, start, succeeds } from './processes.ts'
import { type Computer, computer } from './vpn-computer.ts'

const shipped = fileURLToPath(new URL('../../apps/vpn/openvpn', import.meta.url))

/** What the server shows when it tells of sessions, once `session_token_file` is `token` in its folder. */
export const sessionToken = 'a-token-that-is-only-good-for-these-tests'

/** The directory as the VPN server reaches it: `url` has to be at `VpnNet.host`. */
export interface VpnDirectory {
  readonly url: string
  readonly base: string
  readonly bindDn: string
  readonly bindPassword: string
}

export interface VpnServerOptions {
  readonly directory: VpnDirectory
  /** Who checks logins; `script` without it. */
  readonly auth?: 'script' | 'plugin' | 'certificate'
  /** Added to the configuration of the hooks, such as `session_url`. */
  readonly settings?: Readonly<Record<string, string>>
  /** The certificate of the authority that client certificates come from, and its revocation list, in PEM. */
  readonly clients?: { readonly ca: string; readonly crl: string }
}

/** A VPN server and its members' computers, each in a network namespace of its own. */
export interface VpnNet {
  /** The address of this machine as the VPN server sees it: what the server uses has to listen there. */
  readonly host: string
  /** Where the first computer finds the server, and the authority of its certificate in PEM. */
  readonly server: string
  readonly ca: string
  /** Addresses behind the server, as of the Internet. */
  readonly internet: { readonly ipv4: string; readonly ipv6: string }
  /** A first member's computer; `newComputer` makes more. */
  readonly computer: Computer
  newComputer(): Computer
  /** Starts OpenVPN and `coin-vpn watch` from the files that ship, their placeholders filled. */
  startServer(options: VpnServerOptions): Promise<void>
  /** Ends OpenVPN; `watch` goes on. SIGKILL is how it ends when the machine does. */
  stopServer(signal?: NodeJS.Signals): Promise<void>
  /** Starts OpenVPN again, after it was ended. */
  restartServer(): Promise<void>
  /** Whether an answer comes back to the server. */
  ping(address: string, from?: string): boolean
  /** The routes into the tunnel, sorted. */
  routes(): string[]
  /** Removes a route as something else on the server might. */
  removeRoute(route: string): void
  /** What the hooks and `watch` logged. */
  hooksLog(): string
  serverLog(): string
  /** Runs `coin-vpn` with these arguments beside the server. */
  coinVpn(...args: string[]): { readonly status: number | null; readonly output: string }
  /** Changes the configuration of the hooks: the next one that runs reads it. */
  configure(settings: Readonly<Record<string, string>>): void
  /** Replaces the revocation list. */
  revoke(crl: string): void
  readonly folder: string
  /** Ends every process and removes every namespace and file that it made. */
  close(): Promise<void>
}

/** Makes the networks; needs root. Names and addresses differ from those of another run at the same time. */
export async function openVpnNet(): Promise<VpnNet> {
  const slot = claimSlot()
  const net = `10.${240 + (slot >> 6)}.${(slot & 63) << 2}`
  const folder = mkdtempSync(path.join(tmpdir(), 'coin-vpn-'))
  const namespaces: string[] = []
  const running: Running[] = []
  const closing: (() => void)[] = []
  const ip = (...args: string[]) => run('ip', args)
  const server = `cvs${slot}`
  let open: Running | undefined

  const newNamespace = (name: string) => {
    ip('netns', 'add', name)
    namespaces.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    const forward = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1', 'net.ipv6.conf.default.accept_dad=0']
    ip('netns', 'exec', name, 'sysctl', '-qw', ...forward)
  }
  let ca = ''
  const hooks = path.join(folder, 'hooks.log')
  const serverFile = path.join(folder, 'server.log')

  const prefix = 'cvm'
  let computers = 0
  const newComputer = () => {
    const name = `cvc${slot}x${++computers}`
    const subnet = `10.249.${computers}`
    newNamespace(name)
    ip('link', 'add', `up${computers}`, 'netns', server, 'type', 'veth', 'peer', 'name', 'wan', 'netns', name)
    ip('-n', server, 'address', 'add', `${subnet}.1/24`, 'dev', `up${computers}`)
    ip('-n', server, 'link', 'set', `up${computers}`, 'up')
    ip('-n', name, 'address', 'add', `${subnet}.2/24`, 'dev', 'wan')
    ip('-n', name, 'link', 'set', 'wan', 'up')
    ip('-n', name, 'route', 'add', 'default', 'via', `${subnet}.1`)
    ip('-n', name, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'switch')
    ip('-n', name, 'link', 'set', 'switch', 'up')
    ip('-n', name, 'link', 'set', 'lan', 'up')
    return computer({ folder, namespace: name, server: `${subnet}.1`, ca: () => ca, clients: running })
  }

  const close = async () => {
    for (const each of running.splice(0).reverse()) await each.stop()
    for (const name of namespaces.splice(0).reverse()) {
      // what was left in the background, such as a report on its way
      for (const pid of run('ip', ['netns', 'pids', name]).split('\n').filter(Boolean)) succeeds('kill', ['-9', pid])
      await until(async () => run('ip', ['netns', 'pids', name]).trim() === '', 10)
      ip('netns', 'del', name)
    }
    succeeds('ip', ['link', 'del', `${prefix}${slot}`])
    for (const each of closing) each()
    rmSync(folder, { recursive: true, force: true })
  }

  const startOpenVpn = async () => {
    const from = readOr(serverFile).length
    open = start('ip', ['netns', 'exec', server, 'openvpn', '--config', path.join(folder, 'server.conf')], serverFile)
    running.push(open)
    const process = open
    await until(async () => {
      if (process.ended()) throw new Error(`OpenVPN has ended.\n${process.output()}`)
      return process.output().slice(from).includes('Initialization Sequence Completed')
    })
  }

  try {
    ca = makeAuthority(path.join(folder, 'etc')).ca
    newNamespace(server)
    ip('link', 'set', `${prefix}${slot}p`, 'netns', server, 'name', 'mgmt')
    ip('address', 'add', `${net}.1/30`, 'dev', `${prefix}${slot}`)
    ip('link', 'set', `${prefix}${slot}`, 'up')
    ip('-n', server, 'address', 'add', `${net}.2/30`, 'dev', 'mgmt')
    ip('-n', server, 'link', 'set', 'mgmt', 'up')
    const internet = { ipv4: '203.0.113.1', ipv6: 'fd99::1' }
    ip('-n', server, 'address', 'add', `${internet.ipv4}/32`, 'dev', 'lo')
    ip('-n', server, 'address', 'add', `${internet.ipv6}/128`, 'dev', 'lo')
    const first = newComputer()
    return {
      host: `${net}.1`,
      server: '10.249.1.1',
      ca,
      internet,
      computer: first,
      newComputer,
      folder,
      async startServer(options) {
        writeFiles(folder, options, ca)
        await startOpenVpn()
        const watch = start('ip', ['netns', 'exec', server, path.join(folder, 'lib', 'coin-vpn'), ...configOf(folder), 'watch'], hooks)
        running.push(watch)
        await until(async () => readOr(hooks).includes('watch: begins'))
      },
      stopServer: signal => open?.stop(signal) ?? Promise.resolve(),
      restartServer: startOpenVpn,
      ping: (address, from) =>
        succeeds('ip', ['netns', 'exec', server, 'ping', '-c', '1', '-W', '1', '-n', ...(from === undefined ? [] : ['-I', from]), address]),
      routes: () =>
        ['-4', '-6']
          .flatMap(family => run('ip', ['-n', server, family, 'route', 'show', 'proto', '200']).split('\n'))
          .flatMap(line => line.split(' ')[0] || [])
          .sort(),
      removeRoute: route => void ip('-n', server, 'route', 'del', route, 'dev', 'tun0'),
      hooksLog: () => readOr(hooks),
      serverLog: () => readOr(serverFile),
      coinVpn(...args) {
        const command = ['netns', 'exec', server, path.join(folder, 'lib', 'coin-vpn'), ...configOf(folder), ...args]
        const { status, stdout, stderr } = spawnSync('ip', command, { encoding: 'utf8' })
        return { status, output: stdout + stderr }
      },
      configure(settings) {
        const file = path.join(folder, 'coin-vpn.conf')
        writeFileSync(file, filled(readFileSync(file, 'utf8'), settings))
      },
      revoke: crl => writeFileSync(path.join(folder, 'etc', 'crl.pem'), crl),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const configOf = (folder: string) => ['--config', path.join(folder, 'coin-vpn.conf')]

/** The name of the link to the server says who has the slot: making it succeeds for one run only. */
function claimSlot(): number {
  for (let slot = 0; slot < 640; slot++)
    if (succeeds('ip', ['link', 'add', `cvm${slot}`, 'type', 'veth', 'peer', 'name', `cvm${slot}p`])) return slot
  throw new Error('No network is free for a VPN: are we root?')
}

/** The files of apps/vpn/openvpn as an operator would fill them, in a folder of their own. */
function writeFiles(folder: string, { directory, auth = 'script', settings = {}, clients }: VpnServerOptions, ca: string): void {
  const at = (...names: string[]) => path.join(folder, ...names)
  cpSync(path.join(shipped, 'coin-vpn'), at('lib'), { recursive: true })
  mkdirSync(at('run'), { mode: 0o700 })
  run('openvpn', ['--genkey', 'auth-token', at('etc', 'auth-token.key')])
  writeFileSync(at('secret'), `${directory.bindPassword}\n`, { mode: 0o600 })
  writeFileSync(at('token'), `${sessionToken}\n`, { mode: 0o600 })
  let server = read('server.conf')
    .replaceAll('@TUNNEL4@', '10.250.0.1')
    .replaceAll('@TUNNEL6@', 'fd98::1')
    .replaceAll('/etc/openvpn/server', at('etc'))
    .replaceAll('/usr/local/lib/coin-vpn', at('lib'))
    .replaceAll('/run/coin-vpn', at('run'))
    .concat(`setenv COIN_VPN_CONF ${at('coin-vpn.conf')}\n`)
  if (auth === 'plugin') server = server.replace(/^auth-user-pass-verify/m, '#$&').replace(/^;(?=plugin )/m, '')
  if (auth === 'certificate')
    server = server
      .replace(/^(verify-client-cert none|username-as-common-name|auth-user-pass-verify|auth-gen-token)/gm, '#$1')
      .replace(/^;(?=verify-client-cert |remote-cert-tls |crl-verify )/gm, '')
  writeFileSync(at('server.conf'), server)
  const plugin = read('auth-ldap.conf')
    .replace('ldap://ldap.example.net', directory.url)
    .replace('cn=vpnread,dc=example,dc=net', directory.bindDn)
    .replace('@PASSWORD@', directory.bindPassword)
    .replace('ou=vpn,dc=example,dc=net', directory.base)
    .replace(/TLSEnable yes\n.*\n/, 'TLSEnable no\n')
  writeFileSync(at('etc', 'auth-ldap.conf'), plugin, { mode: 0o600 })
  const values = {
    ldap_uri: directory.url,
    ldap_start_tls: 'no',
    ldap_ca: '',
    bind_dn: directory.bindDn,
    bind_password_file: at('secret'),
    base: directory.base,
    allowed: '198.51.100.0/24 2001:db8::/32 10.77.0.0/16 fd77::/16',
    log: at('hooks.log'),
    management: at('run', 'management.sock'),
    state: at('run', 'sessions'),
    crl: at('etc', 'crl.pem'),
    ...settings,
  }
  writeFileSync(at('coin-vpn.conf'), filled(read('coin-vpn.conf'), values))
  if (clients) {
    appendFileSync(at('etc', 'ca.crt'), clients.ca)
    writeFileSync(at('etc', 'crl.pem'), clients.crl)
  } else writeFileSync(at('etc', 'ca.crt'), ca)
}

const read = (name: string) => readFileSync(path.join(shipped, name), 'utf8')

function filled(conf: string, values: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`^#?${name} = .*$`, 'm')
    if (!line.test(conf)) throw new Error(`coin-vpn.conf does not mention ${name}.`)
    conf = conf.replace(line, () => `${name} = ${value}`)
  }
  return conf
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

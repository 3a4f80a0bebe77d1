import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { until } from '../fixtures/until.ts'
import { type Running, run, start, succeeds } from './processes.ts'

/** A member's computer: a network namespace with a way to the VPN server, and networks behind it. */
export interface Computer {
  readonly namespace: string
  /** Gives it an address of a network behind it, such as `198.51.100.9/29`. */
  addLan(address: string): void
  /** Logs in with OpenVPN and waits for the tunnel. Rejects with what the client printed when it is refused. */
  login(user: string, password: string, options?: LoginOptions): Promise<VpnClient>
  /** Starts OpenVPN with a whole profile, such as the one that Coin hands out, and waits for the tunnel. */
  start(profile: string, options?: LoginOptions & { readonly user?: string; readonly password?: string }): Promise<VpnClient>
  /** Whether an answer comes back, from an own address when one is given. */
  ping(address: string, from?: string): boolean
  /** The addresses of the tunnel, such as `198.51.100.8`. */
  addresses(): string[]
}

/** An OpenVPN client that runs. It comes back by itself whenever the session ends. */
export interface VpnClient {
  /** How often the tunnel was up so far. */
  connections(): number
  log(): string
  ended(): boolean
  stop(): Promise<void>
}

export interface LoginOptions {
  /** Lines added to the client's configuration. */
  readonly extra?: readonly string[]
  /** How long to wait for the tunnel; 30 unless given. */
  readonly seconds?: number
  /** Certificate and key, in PEM, inlined into the profile. */
  readonly certificate?: { readonly certificate: string; readonly key: string }
}

interface Place {
  readonly folder: string
  readonly namespace: string
  readonly server: string
  readonly ca: () => string
  readonly clients: Running[]
}

/** Refused as the server refuses: `log` is what the client printed. */
export class LoginRefused extends Error {
  readonly log: string
  constructor(log: string) {
    super(`The server refused the login.\n${log}`)
    this.log = log
  }
}

export function computer(place: Place): Computer {
  const { folder, namespace, server } = place
  const inside = (...args: string[]) => ['netns', 'exec', namespace, ...args]
  let count = 0

  async function startClient(
    profile: string,
    { user, password, extra = [], seconds = 30 }: Parameters<Computer['start']>[1] & object = {},
  ) {
    const name = path.join(folder, `${namespace}-${++count}`)
    const credentials = user === undefined ? [] : [`auth-user-pass ${name}.secret`]
    if (user !== undefined) writeFileSync(`${name}.secret`, `${user}\n${password ?? ''}\n`, { mode: 0o600 })
    const kept = profile.split('\n').filter(line => credentials.length === 0 || !/^auth-user-pass\s*$/.test(line))
    writeFileSync(`${name}.conf`, [...kept, ...credentials, ...extra, ''].join('\n'), { mode: 0o600 })
    const process = start('ip', inside('openvpn', '--config', `${name}.conf`), `${name}.log`)
    place.clients.push(process)
    const client: VpnClient = {
      connections: () => process.output().split('Initialization Sequence Completed').length - 1,
      log: process.output,
      ended: process.ended,
      stop: () => process.stop(),
    }
    await until(async () => {
      if (client.connections() > 0) return true
      if (!process.ended() && !/AUTH_FAILED(?!,TEMP)/.test(process.output())) return false
      await process.stop()
      throw new LoginRefused(process.output())
    }, seconds).catch(async error => {
      await process.stop()
      throw error instanceof LoginRefused ? error : new Error(`${error.message}\n${process.output()}`)
    })
    return client
  }

  return {
    namespace,
    addLan(address) {
      run('ip', ['-n', namespace, 'address', 'add', address, 'dev', 'lan', ...(address.includes(':') ? ['nodad'] : [])])
    },
    login(user, password, { certificate, ...options } = {}) {
      const inline = certificate ? [`<cert>\n${certificate.certificate}\n</cert>`, `<key>\n${certificate.key}\n</key>`] : []
      const profile = [
        'client',
        'dev tun0',
        'dev-type tun',
        'disable-dco',
        'proto udp',
        `remote ${server} 1194`,
        'nobind',
        'remote-cert-tls server',
        'verb 3',
        `<ca>\n${place.ca()}\n</ca>`,
        ...inline,
      ]
      const account = certificate ? {} : { user, password }
      return startClient(profile.join('\n'), { ...account, ...options })
    },
    start: startClient,
    ping: (address, from) =>
      succeeds('ip', inside('ping', '-c', '1', '-W', '1', '-n', ...(from === undefined ? [] : ['-I', from]), address)),
    addresses: () =>
      succeeds('ip', ['-n', namespace, 'link', 'show', 'tun0'])
        ? [...run('ip', ['-n', namespace, '-o', 'address', 'show', 'dev', 'tun0', 'scope', 'global']).matchAll(/inet6? ([^/\s]+)/g)].map(
            match => match[1] ?? '',
          )
        : [],
  }
}

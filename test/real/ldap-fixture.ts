import type { AnyBackend, BackendIo, BaseConfiguration, Json, Target, Wanted } from 'coin'
import { type LdapEntries, type LdapEntry, ldapConnection, ldapEntries } from 'coin-ldap'
import type * as z from 'zod'
import type { Slapd } from './slapd.ts'

/** An account as tests write it. */
export interface Account {
  readonly login: string
  readonly hash?: string | null
  readonly enabled?: boolean
  readonly endpoint4?: string | null
  readonly routes4?: readonly string[]
  readonly routes6?: readonly string[]
  readonly id?: number
}

/** A conversation that nobody interrupts, and what was logged in it. */
export const io = (signal: AbortSignal = new AbortController().signal): BackendIo => ({
  signal,
  log: { info: () => {}, warn: () => {} },
})

type Input = z.input<typeof ldapConnection>

/** How Coin's account reaches a server of a test. */
export const connectionTo = (slapd: Slapd, changed: Partial<Input> = {}) =>
  ldapConnection.parse({ url: slapd.url, bindDn: slapd.writerDn, password: slapd.writerPassword, ...changed })

/** The backend of the tests: the VPN accounts of the shipped schema. */
export function accounts(slapd: Slapd, changed: Partial<Input> = {}, spec: Partial<LdapEntries<BaseConfiguration>> = {}): AnyBackend {
  const of = (configuration: BaseConfiguration) => configuration as unknown as Account
  return ldapEntries('every', {
    name: 'vpn_ldap',
    connection: connectionTo(slapd, changed),
    base: slapd.vpnBase,
    rdn: account => ['uid', of(account).login],
    objectClass: ['account', 'vpnAccount'],
    attributes: {
      userPassword: { value: account => of(account).hash, secret: true },
      vpnEnabled: account => of(account).enabled ?? true,
      vpnIPv4Endpoint: { value: account => of(account).endpoint4, ignoreCase: true },
      vpnIPv4Route: account => of(account).routes4 ?? [],
      vpnIPv6Route: { value: account => of(account).routes6, ignoreCase: true },
      coinConfigurationId: account => of(account).id,
    },
    ...spec,
  })
}

/** A backend that is open, with the steps that tests take. */
export interface Opened {
  readonly backend: AnyBackend
  readonly target: Target<Json>
  key(account: Account): string
  desired(account: Account): LdapEntry
  read(...accounts: Account[]): Promise<ReadonlyMap<string, LdapEntry | Error>>
  /** Reads, applies what is desired, and gives the failures by login. */
  apply(...accounts: Account[]): Promise<Record<string, string>>
  destroy(...accounts: Account[]): Promise<Record<string, string>>
  /** What would change, by login. */
  plan(...accounts: Account[]): Promise<Record<string, string[]>>
  list(): Promise<Map<string, LdapEntry>>
  close(): Promise<void>
}

export async function open(backend: AnyBackend): Promise<Opened> {
  const target = await backend.spec.open(io())
  const asConfiguration = (account: Account) => account as unknown as Parameters<typeof backend.spec.key>[0]
  const key = (account: Account) => backend.spec.key(asConfiguration(account))
  const desired = (account: Account) => backend.spec.desired(asConfiguration(account)) as LdapEntry
  const read = async (...all: Account[]) => (await target.read(all.map(key), io())) as ReadonlyMap<string, LdapEntry | Error>
  const byLogin = (all: readonly Account[], failures: ReadonlyMap<string, Error> | undefined) =>
    Object.fromEntries(
      all.flatMap(account => {
        const error = failures?.get(key(account))
        return error ? [[account.login, wordsOf(error)]] : []
      }),
    )
  return {
    backend,
    target,
    key,
    desired,
    read,
    async apply(...all) {
      const there = await read(...all)
      const wanted = all.map((account): Wanted<Json> => {
        const observed = there.get(key(account))
        if (observed instanceof Error) throw observed
        return { key: key(account), desired: desired(account), observed }
      })
      return byLogin(all, await target.apply(wanted, io()))
    },
    async destroy(...all) {
      return byLogin(all, await target.destroy(all.map(key), io()))
    },
    async plan(...all) {
      const there = await read(...all)
      return Object.fromEntries(
        all.map(account => {
          const observed = there.get(key(account))
          if (observed instanceof Error) throw observed
          return [account.login, (backend.spec.plan?.(desired(account), observed) ?? []).map(({ path }) => path)]
        }),
      )
    },
    async list() {
      const found = new Map<string, LdapEntry>()
      for await (const page of target.list?.(io()) ?? []) for (const [dn, entry] of page) found.set(dn, entry as LdapEntry)
      return found
    },
    close: async () => target.close?.(),
  }
}

/** What a CoinError says, values filled in, with its hint. */
export function wordsOf(error: unknown): string {
  const { message, values, hint } = error as Error & { values?: Record<string, string | number>; hint?: string }
  const filled = message.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values?.[name] ?? whole))
  return hint ? `${filled} ${hint}` : filled
}

/** What a promise is refused with, in words. */
export const refusalOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => {
      throw new Error('It was not refused')
    },
    error => wordsOf(error),
  )

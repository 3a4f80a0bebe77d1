import { isIPv4 } from 'node:net'
import * as z from 'zod'
import { Secret } from './secret.ts'

const address = z.string().refine(isAddress, 'is not an address such as ldaps://ldap.example.net or ldap://127.0.0.1:389')
const name = z.string().min(1)

/** How to reach a directory, and who Coin is there: for an app's settings. */
export const ldapConnection = z
  .strictObject({
    /** `ldaps://host[:port]`, or `ldap://host[:port]` with `startTls` or on this machine. */
    url: address.optional(),
    /** Several, tried in this order: the first one that answers is used. */
    urls: z.array(address).min(1).optional(),
    /** The account that Coin writes as; without it Coin is nobody. */
    bindDn: name.optional(),
    /** The account's password, in one of three places: here, in a file, or in an environment variable. Read when a connection is opened. */
    password: name.transform(text => new Secret(text)).optional(),
    passwordFile: name.optional(),
    passwordEnv: name.optional(),
    /** Encrypts `ldap://` before anything is said (RFC 4511, 4.14). A server that cannot is refused. */
    startTls: z.boolean().default(false),
    /** The authority that signed the server's certificate, as PEM or the file with it; the system's authorities unless given. */
    ca: name.optional(),
    caFile: name.optional(),
    /** The name in the server's certificate, where it is not the host of the URL. */
    serverName: name.optional(),
    /** Allows passwords to cross a network unencrypted. */
    plainText: z.boolean().default(false),
    /** Connections at most; one is used until it has more to do than `window`. */
    connections: z.number().int().min(1).max(16).default(2),
    /** Requests on their way at once, per connection. */
    window: z.number().int().min(1).max(1000).default(64),
    /** Seconds to connect in, encryption and login included. */
    connectTimeout: z.number().min(0.1).max(600).default(5),
    /** Seconds for one request. */
    timeout: z.number().min(0.1).max(600).default(20),
  })
  .superRefine((given, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if ((given.url === undefined) === (given.urls === undefined)) wrong('url', 'give one of url and urls')
    if (given.ca !== undefined && given.caFile !== undefined) wrong('caFile', 'give one of ca and caFile')
    const passwords = [given.password, given.passwordFile, given.passwordEnv].filter(each => each !== undefined).length
    if (given.bindDn !== undefined && passwords !== 1) wrong('password', 'give one of password, passwordFile and passwordEnv')
    if (given.bindDn === undefined && passwords > 0) wrong('bindDn', 'a password needs a bindDn')
    for (const url of urlsOf(given))
      if (isAddress(url) && !given.plainText && !given.startTls && isExposed(url))
        wrong(
          'url',
          `${url} is not encrypted: passwords would cross the network as plain text. Use ldaps://, startTls, or allow plainText.`,
        )
  })

export type LdapConnection = z.output<typeof ldapConnection>

/** The servers in the order in which they are tried. */
export const urlsOf = ({
  url,
  urls,
}: {
  readonly url?: string | undefined
  readonly urls?: readonly string[] | undefined
}): readonly string[] => urls ?? (url === undefined ? [] : [url])

/** Whether what is said to this address leaves the machine unencrypted. */
function isExposed(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'ldap:' && !(hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.')))
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, pathname, search } = new URL(text)
  // what else an LDAP URL may hold (RFC 4516) is said elsewhere, and a password in it would be shown
  return /^ldaps?:$/.test(protocol) && hostname !== '' && !username && !password && /^\/?$/.test(pathname) && !search
}

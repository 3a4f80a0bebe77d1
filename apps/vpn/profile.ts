import { CoinError, currentScope } from 'coin'
import { readText } from './secret-text.ts'
import type { Server, Settings } from './settings.ts'

/** What makes one member's profile differ from another's. */
export interface ProfileOf {
  readonly login: string
  /** Whether the server asks for a password. */
  readonly password?: boolean
  /** Whether the program shows a certificate, which is put in afterwards or beside. */
  readonly certificate?: boolean
}

/** The profile that an account is given to download: for its password or, where there are none, to be completed with a certificate. */
export const profileOf = ({ server, passwords }: Settings, login: string): Promise<string> =>
  profileFor(server, { login, password: passwords, certificate: !passwords })

/** The profile of an account. Throws `refused` while the server is not known, `unavailable` when a file of the settings cannot be read. */
export async function profileFor(server: Server | undefined, of: ProfileOf): Promise<string> {
  if (!server) throw noServer()
  const ca = await readText({ text: server.ca, file: server.caFile })
  const tlsCrypt = await readText({ text: server.tlsCrypt, file: server.tlsCryptFile })
  return profileText({ server, ca: ca ?? '', tlsCrypt, name: currentScope().registry.config.provider.name }, of)
}

const noServer = () =>
  new CoinError('refused', 'The address of the VPN server is not known here yet.', {
    hint: 'Write to us. If you administer Coin: set server in the settings of the app vpn.',
  })

interface ProfileParts {
  readonly server: Pick<Server, 'remotes' | 'commonName' | 'extra'>
  readonly ca: string
  readonly tlsCrypt?: string | undefined
  /** The provider, for people. */
  readonly name: string
}

/** A profile for OpenVPN 2.5 and later and for OpenVPN Connect: one file, without a password. */
export function profileText(
  { server, ca, tlsCrypt, name }: ProfileParts,
  { login, password = true, certificate = false }: ProfileOf,
): string {
  const lines = [
    // OpenVPN Connect fills the login in; for others it is a comment
    `# OVPN_ACCESS_SERVER_USERNAME=${login}`,
    'client',
    'dev tun',
    ...server.remotes.map(({ host, port, proto }) => `remote ${host} ${port} ${proto}`),
    'resolv-retry infinite',
    'nobind',
    'persist-key',
    'persist-tun',
    'remote-cert-tls server',
    ...(server.commonName ? [`verify-x509-name ${server.commonName} name`] : []),
    ...(password ? ['auth-user-pass', 'auth-nocache'] : []),
    // tells OpenVPN Connect not to ask for a certificate
    ...(certificate ? [] : ['setenv CLIENT_CERT 0']),
    `setenv FRIENDLY_NAME "${friendly(`${name} ${login}`)}"`,
    ...server.extra,
    ...block('ca', ca),
    ...(tlsCrypt ? block('tls-crypt', tlsCrypt) : []),
  ]
  return `${lines.join('\n')}\n`
}

const block = (name: string, text: string): string[] => [`<${name}>`, text.replace(/\r\n?/g, '\n').trim(), `</${name}>`]

/** A text inside quotes, on one line. */
const friendly = (text: string): string => text.replace(/[\p{Cc}"\\]/gu, ' ').trim()
